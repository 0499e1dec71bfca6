//! The LeanVAE backbone: Haar patches, blocks of depthwise convolutions and gated linear layers,
//! and a bottleneck that unrolls a sparse-coding solver.
//!
//! Inside, everything is channels-last, `[B, T', H/8, W/8, C]`, and pixels are in -0.5..0.5.
//! Source: spec/leanvae.md.

#[cfg(test)]
mod activations;
mod bottleneck;
mod config;
mod cost;
mod decoder;
mod depthwise;
mod describe;
mod encoder;
mod ffn;
mod linear;
mod naf;
mod patcher;
mod projection;
mod recognise;
#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::backbones::describe::Network;
use crate::coding::{Decoding, Encoding};
use crate::pass::{Pass, TemporalRule};
use crate::posterior::Posterior;
use crate::shared::Shared;

use bottleneck::Bottleneck;
use decoder::Decoder;
use encoder::Encoder;
use linear::Linear;
use patcher::{Coefficients, FRAMES, low_and_high, patches};

pub(crate) use config::LeanConfig;

/// Ours is -1..1, LeanVAE's -0.5..0.5.
const VALUE_SCALE: f32 = 0.5;

/// The whole model; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Lean {
    encoder: Encoder,
    decoder: Decoder,
    latent_bottleneck: Bottleneck,
    /// Named after the deviation in the reference, but it gives the log-variance.
    std_layer: Linear,
}

impl Lean {
    pub(crate) fn new(shared: &Shared, config: &LeanConfig, device: &Device) -> Self {
        let channels = shared.latent_dim;
        Self {
            encoder: Encoder::new(config, device),
            decoder: Decoder::new(config, device),
            latent_bottleneck: Bottleneck::new(config, channels, device),
            std_layer: Linear::new(config.embedding_dim(), channels, device),
        }
    }
}

impl Network for Lean {
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let tokens = self.encoder.forward(clip.mul_scalar(VALUE_SCALE), pass);
        let logvar = self.std_layer.forward(tokens.clone());
        let mean = self.latent_bottleneck.project(tokens);
        Posterior::new(channels_second(mean), channels_second(logvar)).into()
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let tokens = self
            .latent_bottleneck
            .recover(latent.permute([0, 2, 3, 4, 1]), pass);
        self.decoder
            .forward(tokens, pass)
            .div_scalar(VALUE_SCALE)
            .into()
    }
}

/// The numbers that a LeanVAE makes tokens of, for the frames behind the first of each clip;
/// `None` if there are none.
///
/// # Shapes
/// `[B, 3, T, H, W]` in -1..1 to one row for every latent position: `[N, 96]` of the low band and
/// `[N, 672]` of the others. Source: spec/leanvae.md 1 and 2.
pub fn lean_patches(clip: Tensor<5>) -> Option<[Tensor<2>; 2]> {
    let pass = Pass::whole(TemporalRule::Causal);
    let video = Coefficients::of(clip.mul_scalar(VALUE_SCALE), &pass).video?;
    let rows = |x| {
        let x = patches(x, FRAMES / 2);
        let [batch, frames, height, width, numbers] = x.dims();
        x.reshape([batch * frames * height * width, numbers])
    };
    let [low, high] = low_and_high(video);
    Some([rows(low), rows(high)])
}

fn channels_second(x: Tensor<5>) -> Tensor<5> {
    x.permute([0, 4, 1, 2, 3])
}
