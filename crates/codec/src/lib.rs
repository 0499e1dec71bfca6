//! A model from its files, at work on clips of any length and size.
//!
//! [`open`] finds a model's config and weights, [`Codec`] runs it on clips (padded, shot by shot,
//! chunk by chunk), [`latent_file`] keeps what it makes of them, [`MaskArg`] is what people call a
//! mask.
//!
//! ```
//! # fn main() -> anyhow::Result<()> {
//! use burn::tensor::Device;
//! use clips::Scene;
//! use codec::Codec;
//! use vae::{Autoencoder, ModelConfig};
//!
//! let config = r#"{"_class_name": "LeanVAE", "latent_dim": 2, "l_dim": 4, "h_dim": 4}"#;
//! let config = ModelConfig::from_json(config)?;
//! let codec = Codec::new(Autoencoder::new(&config, &Device::flex()), Device::flex());
//! let clip = Scene::SlowPan.render(1, 16, 16, 5);
//! let everything = wavelet::MaskChoice::None.build(2)?;
//! let made = codec.reconstruct(&clip, &codec.as_one_shot(&clip), &everything)?;
//! assert_eq!(made.clip.extent(), clip.extent());
//! # Ok(())
//! # }
//! ```

mod codec;
pub mod latent_file;
pub mod mask;
mod model;
mod noise;
mod range;
pub mod tensor_file;
mod tensors;
mod weights;

pub use codec::{Codec, Reconstruction};
pub use mask::MaskArg;
pub use model::{CARD, CHECKPOINT, CONFIG, EXPORT, WEIGHTS, load, named_or_default, open};
pub use noise::{keep_factors, normal};
pub use range::InputRange;
pub use tensors::{tensor, values};
pub use weights::{Weights, Which, check_finite, read_weights};
