//! The WF-VAE backbone: an encoder and a decoder with a wavelet energy flow beside them.
//!
//! The same graph serves WF-VAE (causal) and LC-VAE (symmetric); the [`Pass`](crate::pass::Pass)
//! carries the difference.

mod config;
mod cost;
mod decoder;
mod encoder;
mod last_layer;
mod recognise;
mod wavelets;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use decoder::Decoder;
use encoder::Encoder;

use crate::autoencoder::{Decoding, Encoding};
use crate::config::Shared;
use crate::pass::{Pass, TemporalRule};
use crate::posterior::Posterior;

pub(crate) use config::WfConfig;
pub use last_layer::LastLayer;
pub(crate) use wavelets::Haar;

/// The whole model; field names are the references' parameter names.
#[derive(Module, Debug)]
pub(crate) struct Wf {
    encoder: Encoder,
    decoder: Decoder,
}

impl Wf {
    pub(crate) fn new(shared: &Shared, config: &WfConfig, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(shared, config, device),
            decoder: Decoder::new(shared, config, device),
        }
    }

    pub(crate) fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let (moments, wavelets) = self.encoder.forward(clip, pass);
        Encoding {
            posterior: Posterior::from_moments(moments),
            wavelets: compared(wavelets, pass),
        }
    }

    pub(crate) fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let (sample, wavelets) = self.decoder.forward(latent, pass);
        Decoding {
            sample,
            wavelets: compared(wavelets, pass),
        }
    }

    pub(crate) fn decode_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Decoding, LastLayer) {
        let (sample, wavelets, last) = self.decoder.forward_with_last_layer(latent, pass);
        let wavelets = compared(wavelets, pass);
        (Decoding { sample, wavelets }, last)
    }
}

/// LC-VAE is trained without the WL loss.
fn compared(wavelets: Wavelets, pass: &Pass) -> Option<Wavelets> {
    (pass.rule() == TemporalRule::Causal).then_some(wavelets)
}

/// The wavelet coefficients beside the backbone, of the encoder or the decoder: what the WL loss
/// compares. Source: spec/wfvae.md 4, 5 and 9.
#[derive(Clone, Debug)]
pub struct Wavelets {
    /// Level 2 (`W2`): `[B, 12, T1, H/4, W/4]`, or 24 channels for 8x8x8 models.
    pub level1: Tensor<5>,
    /// Level 3 (`W3`): `[B, 24, T', H/8, W/8]`.
    pub level2: Tensor<5>,
}

impl Wavelets {
    /// Both levels changed alike.
    #[must_use]
    pub fn map(self, change: impl Fn(Tensor<5>) -> Tensor<5>) -> Self {
        Self {
            level1: change(self.level1),
            level2: change(self.level2),
        }
    }
}
