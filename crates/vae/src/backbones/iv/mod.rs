//! IV-VAE: every feature map has a keyframe half and a motion half, which read each other in every
//! convolution; time is cut into groups that see forwards within themselves only.
//!
//! The reference runs in chunks only; whole clips give the same (spec/ivvae.md 2).

#[cfg(test)]
mod activations;
mod attention;
mod block;
mod config;
mod cost;
mod decoder;
mod describe;
mod encoder;
mod halves;
mod pyramid;
mod recognise;
mod sampling;
mod separate;
#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::backbones::describe::Network;
use crate::coding::{Decoding, Encoding};
use crate::pass::Pass;
use crate::posterior::Posterior;
use crate::shared::Shared;

use decoder::Decoder;
use encoder::Encoder;
use halves::{CHANNEL, GROUP};
use separate::Separate3d;

pub(crate) use config::IvConfig;

/// The whole model; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Iv {
    encoder: Encoder,
    conv1: Separate3d,
    conv2: Separate3d,
    decoder: Decoder,
    scale: f64,
    shift: f64,
}

impl Iv {
    pub(crate) fn new(shared: &Shared, config: &IvConfig, device: &Device) -> Self {
        let channels = shared.latent_dim;
        Self {
            encoder: Encoder::new(config, channels, device),
            conv1: Separate3d::pointwise(2 * channels, channels, device),
            conv2: Separate3d::pointwise(channels, channels / 2, device),
            decoder: Decoder::new(config, channels, device),
            scale: config.scale_factor,
            shift: config.shift_factor,
        }
    }
}

impl Network for Iv {
    /// The posterior is scaled and shifted; the first half of its channels is of keyframes, the
    /// second of motion. Frames that do not fill a latent frame are left out.
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let clip = pass.trimmed(clip, GROUP);
        let moments = self.encoder.forward(clip, pass);
        let moments = self.conv1.forward(moments, pass);
        // Mean and log-variance of the keyframe half, then of the motion half.
        let quarter = moments.dims()[CHANNEL] / 4;
        let both = |first: usize| {
            let part = |i: usize| moments.clone().narrow(CHANNEL, i * quarter, quarter);
            Tensor::cat(vec![part(first), part(first + 2)], CHANNEL)
        };
        let mean = (both(0) - self.shift) * self.scale;
        Posterior::new(mean, both(1) + 2.0 * self.scale.abs().ln()).into()
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let latent = latent / self.scale + self.shift;
        let latent = self.conv2.forward(latent, pass);
        self.decoder.forward(latent, pass).into()
    }
}
