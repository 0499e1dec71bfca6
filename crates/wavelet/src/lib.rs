//! Haar transforms, the Multi-WT packet and what its coefficients are called.
//!
//! Names first: a [`SpatioTemporalBand`] is one of eight subbands of a single 3-D step, a
//! [`TemporalPath`] one of eight leaves of the Multi-WT's three temporal decisions, a [`Group`] a
//! path and a spatial band, a [`Mask`] a choice of coefficient channels.
//! The transforms on tensors are behind the feature `tensor`, so that the page can use the names
//! without Burn.
//!
//! ```
//! use burn::tensor::{Device, Distribution, Tensor};
//! use wavelet::{Constants, MaskChoice, multi_wt, zero_dropped};
//!
//! let mask = MaskChoice::Lowpass50.build(4)?;
//! assert_eq!(mask.effective_channels(), 2.0);
//! let latent = Tensor::<5>::random([1, 4, 8, 4, 4], Distribution::Default, &Device::flex());
//! assert_eq!(multi_wt(latent.clone(), Constants::Exact).dims(), [1, 128, 1, 2, 2]);
//! assert_eq!(zero_dropped(latent, &mask, Constants::Exact)?.dims(), [1, 4, 8, 4, 4]);
//! # Ok::<(), wavelet::MaskError>(())
//! ```

mod band;
mod constants;
#[cfg(feature = "tensor")]
mod haar;
mod mask;
#[cfg(feature = "tensor")]
mod multiwt;
mod path;
mod topk;

pub use band::{SpatialBand, SpatioTemporalBand};
pub use constants::Constants;
#[cfg(feature = "tensor")]
pub use haar::{
    haar_time, haar2d, haar3d, haar3d_causal, haar3d_pairs, inverse_haar_time, inverse_haar2d,
    inverse_haar3d, inverse_haar3d_causal,
};
pub use mask::{Mask, MaskChoice, MaskError};
#[cfg(feature = "tensor")]
pub use multiwt::{compact, expand, inverse_multi_wt, multi_wt, through_packet, zero_dropped};
pub use path::{Group, TemporalPath};
pub use topk::{Choice, Soft, Strength, count_kept, strongest, weakest_kept};

fn letters<const N: usize>(high: [bool; N]) -> String {
    high.iter().map(|&h| if h { 'H' } else { 'L' }).collect()
}
