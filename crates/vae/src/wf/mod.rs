//! The WF-VAE backbone: an encoder and a decoder with a wavelet energy flow beside them.
//!
//! The same graph serves WF-VAE (causal) and LC-VAE (symmetric); the [`Pass`](crate::pass::Pass)
//! carries the difference.

mod decoder;
mod encoder;
mod wavelets;

use burn::tensor::Tensor;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;
pub(crate) use wavelets::Haar;

/// The wavelet coefficients beside the backbone, of the encoder or the decoder: what the WL loss
/// compares. Source: spec/wfvae.md 4, 5 and 9.
#[derive(Clone, Debug)]
pub struct Wavelets {
    /// Level 2 (`W2`): `[B, 12, T1, H/4, W/4]`, or 24 channels for 8x8x8 models.
    pub level1: Tensor<5>,
    /// Level 3 (`W3`): `[B, 24, T', H/8, W/8]`.
    pub level2: Tensor<5>,
}
