//! The Wan 2.1 VAE: causal 3-D convolutions after zeros, RMS norms, and a first frame that no
//! temporal sampler touches.
//!
//! The reference runs in chunks only; whole clips give the same (spec/wanvae.md 3).

#[cfg(test)]
mod activations;
mod config;
mod cost;
mod decoder;
mod describe;
mod encoder;
mod layer;
mod names;
mod recognise;
mod sampling;
#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::backbones::describe::Network;
use crate::blocks::Kernel3d;
use crate::coding::{Decoding, Encoding};
use crate::pass::Pass;
use crate::posterior::Posterior;
use crate::shared::Shared;

use config::Statistics;
use decoder::Decoder;
use encoder::Encoder;

pub(crate) use config::WanConfig;

/// The whole model; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Wan {
    encoder: Encoder,
    conv1: Kernel3d,
    conv2: Kernel3d,
    decoder: Decoder,
    frames_per_latent: usize,
    #[module(skip)]
    normalised: Option<Statistics>,
}

impl Wan {
    pub(crate) fn new(shared: &Shared, config: &WanConfig, device: &Device) -> Self {
        let channels = shared.latent_dim;
        Self {
            encoder: Encoder::new(config, channels, device),
            conv1: Kernel3d::new(2 * channels, 2 * channels, [1; 3], device),
            conv2: Kernel3d::new(channels, channels, [1; 3], device),
            decoder: Decoder::new(config, channels, device),
            frames_per_latent: config.frames_per_latent(),
            normalised: config.normalised().cloned(),
        }
    }
}

impl Network for Wan {
    /// Frames that do not fill a latent frame are left out.
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let clip = pass.trimmed(clip, self.frames_per_latent);
        let moments = self.encoder.forward(clip, pass);
        let posterior = Posterior::from_moments(self.conv1.forward_causal(moments, pass));
        let Some(statistics) = &self.normalised else {
            return posterior.into();
        };
        let [mean, deviation] = statistics.tensors(&posterior.mean);
        let logvar = posterior.logvar - deviation.clone().log() * 2.0;
        Posterior::new((posterior.mean - mean) / deviation, logvar).into()
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let latent = match &self.normalised {
            None => latent,
            Some(statistics) => {
                let [mean, deviation] = statistics.tensors(&latent);
                latent * deviation + mean
            }
        };
        let latent = self.conv2.forward_causal(latent, pass);
        self.decoder.forward(latent, pass).into()
    }
}

impl Statistics {
    /// Mean and deviation, `[1, C, 1, 1, 1]` each, in the number type of a tensor and beside it.
    fn tensors(&self, beside: &Tensor<5>) -> [Tensor<5>; 2] {
        [&self.mean, &self.deviation].map(|values| {
            let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
            let shape = [1, values.len(), 1, 1, 1];
            let options = (&beside.device(), beside.dtype());
            Tensor::from_data(TensorData::new(values, shape), options)
        })
    }
}
