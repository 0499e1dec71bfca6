//! Video autoencoders on Burn: WF-VAE, LC-VAE, LeanVAE, the Wan 2.1 VAE, IV-VAE and TAEHV.
//!
//! [`ModelConfig`] reads a reference's own JSON, [`Autoencoder`] is the model it describes, with
//! the reference's tensor names in its weight files. The same code trains natively and runs in the
//! browser.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use vae::{Autoencoder, ModelConfig};
//!
//! let config = ModelConfig::from_json(r#"{"_class_name": "LeanVAE", "l_dim": 8, "h_dim": 24}"#)?;
//! assert_eq!(config.frame_rule().padded(30), 33);
//! let model = Autoencoder::new(&config, &Device::flex());
//! let clip = Tensor::zeros([1, 3, 5, 32, 32], &Device::flex());
//! let latent = model.encode(clip).posterior.mode();
//! assert_eq!(latent.dims(), [1, 4, 2, 4, 4]);
//! assert_eq!(model.decode(latent).sample.dims(), [1, 3, 5, 32, 32]);
//! # Ok::<(), vae::ConfigError>(())
//! ```
#![recursion_limit = "256"]

mod autoencoder;
mod backbones;
mod blocks;
mod clip_check;
mod coding;
mod compact;
mod compressed;
mod config;
mod config_error;
mod cost;
mod file_shapes;
mod frames;
mod freeze;
mod haar_tensors;
mod last_layer;
mod param_path;
mod pass;
mod plan;
mod posterior;
mod precision;
mod recognise;
#[cfg(test)]
mod recorded;
mod shapes;
mod shared;
mod shots;
mod stream;
#[cfg(test)]
mod test_vectors;
mod weights;
mod work;

pub use autoencoder::Autoencoder;
pub use backbones::lean_patches;
pub use clip_check::ClipError;
pub use coding::{Decoding, Encoding, Wavelets};
pub use compact::CompactLatent;
pub use compressed::{CompressedFrames, GROUP};
pub use config::ModelConfig;
pub use config_error::ConfigError;
pub use cost::Cost;
pub use frames::FrameRule;
pub use freeze::NoSuchPart;
pub use last_layer::LastLayer;
pub use plan::DecodeChunk;
pub use posterior::Posterior;
pub use shots::Shot;
pub use stream::{DecoderStream, EncoderStream};
pub use weights::{WeightFormat, WeightsError};
