//! Video autoencoders on Burn: WF-VAE, LC-VAE, LeanVAE, the Wan 2.1 VAE and IV-VAE.
//!
//! [`ModelConfig`] reads a reference's own JSON, [`Autoencoder`] is the model it describes, with
//! the reference's tensor names in its weight files. The same code trains natively and runs in the
//! browser.
#![recursion_limit = "256"]

mod autoencoder;
mod backbone;
mod blocks;
mod clip_check;
mod compact;
mod compressed;
mod config;
mod cost;
mod frames;
mod freeze;
mod haar_tensors;
mod iv;
mod lean;
mod param_path;
mod pass;
mod posterior;
mod precision;
mod recognise;
#[cfg(test)]
mod recorded;
mod shapes;
mod shots;
mod stream;
#[cfg(test)]
mod test_vectors;
mod wan;
mod weights;
mod wf;

pub use autoencoder::{Autoencoder, Decoding, Encoding};
pub use clip_check::ClipError;
pub use compact::CompactLatent;
pub use compressed::{CompressedFrames, GROUP};
pub use config::{ConfigError, ModelConfig, PIXELS_PER_LATENT};
pub use cost::Cost;
pub use frames::FrameRule;
pub use freeze::NoSuchPart;
pub use lean::lean_patches;
pub use posterior::Posterior;
pub use shots::Shot;
pub use stream::{DecodeChunk, DecoderStream, EncoderStream};
pub use weights::{WeightFormat, WeightsError};
pub use wf::{LastLayer, Wavelets};
