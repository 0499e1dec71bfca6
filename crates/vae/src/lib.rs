//! Video autoencoders on Burn: WF-VAE, LC-VAE and LeanVAE.
//!
//! [`ModelConfig`] reads a reference's own JSON, [`Autoencoder`] is the model it describes, with
//! the reference's tensor names in its weight files. The same code trains natively and runs in the
//! browser.
#![recursion_limit = "256"]

mod autoencoder;
mod backbone;
mod blocks;
mod config;
mod frames;
mod freeze;
mod haar_tensors;
mod lean;
mod pass;
mod posterior;
mod stream;
mod weights;
mod wf;

pub use autoencoder::{Autoencoder, Decoding, Encoding};
pub use config::{ConfigError, ModelConfig};
pub use frames::FrameRule;
pub use freeze::NoSuchPart;
pub use lean::lean_patches;
pub use posterior::Posterior;
pub use stream::{DecodeChunk, DecoderStream, EncoderStream};
pub use weights::{WeightFormat, WeightsError};
pub use wf::{LastLayer, Wavelets};
