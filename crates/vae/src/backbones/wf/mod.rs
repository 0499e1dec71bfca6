//! The WF-VAE backbone: an encoder and a decoder with a wavelet energy flow beside them.
//!
//! The same graph serves WF-VAE (causal) and LC-VAE (symmetric); the [`Pass`](crate::pass::Pass)
//! carries the difference.

mod config;
mod cost;
mod decoder;
mod describe;
mod encoder;
mod haar_tensors;
mod recognise;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use decoder::Decoder;
use encoder::Encoder;

use crate::backbones::describe::Network;
use crate::coding::{Decoding, Encoding, Wavelets};
use crate::last_layer::LastLayer;
use crate::pass::{Pass, TemporalRule};
use crate::posterior::Posterior;
use crate::shared::Shared;

pub(crate) use config::WfConfig;

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
}

impl Network for Wf {
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let (moments, wavelets) = self.encoder.forward(clip, pass);
        Encoding {
            posterior: Posterior::from_moments(moments),
            wavelets: compared(wavelets, pass),
        }
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let (sample, wavelets) = self.decoder.forward(latent, pass);
        Decoding {
            sample,
            wavelets: compared(wavelets, pass),
        }
    }

    fn decode_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Decoding, Option<LastLayer>) {
        let (sample, wavelets, last) = self.decoder.forward_with_last_layer(latent, pass);
        let wavelets = compared(wavelets, pass);
        (Decoding { sample, wavelets }, Some(last))
    }
}

/// LC-VAE is trained without the WL loss.
fn compared(wavelets: Wavelets, pass: &Pass) -> Option<Wavelets> {
    (pass.rule() == TemporalRule::Causal).then_some(wavelets)
}
