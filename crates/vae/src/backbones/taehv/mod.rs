//! TAEHV: small deterministic autoencoders that imitate the latents of large video models. Their
//! convolutions see one frame; time is one remembered frame a block, and frames that share a latent
//! are stacked along the channels.
//!
//! Inside, pixels are in 0..1. Source: spec/taehv.md.

mod block;
mod clip_rule;
mod config;
mod conv;
mod cost;
mod decoder;
mod describe;
mod encoder;
mod frames;
mod layer;
mod patch;
mod recognise;
#[cfg(test)]
mod tests;
mod time;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::backbones::describe::Network;
use crate::coding::{Decoding, Encoding};
use crate::pass::Pass;
use crate::posterior::Posterior;
use crate::shared::Shared;

use clip_rule::ClipRule;
use frames::{TIME, filled, without_first};
use layer::{Layer, run};
use patch::{patches, pixels};

pub(crate) use config::TaehvConfig;

/// The least log-variance that a posterior takes: latents are what they are.
const NO_VARIANCE: f64 = -30.0;

/// The whole model; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Taehv {
    encoder: Vec<Layer>,
    decoder: Vec<Layer>,
    patch_size: usize,
    /// Frames that share a latent, in encoding.
    frames: usize,
    /// Frames that a latent is decoded to before any are dropped.
    decoded: usize,
    #[module(skip)]
    rule: ClipRule,
}

impl Taehv {
    pub(crate) fn new(shared: &Shared, config: &TaehvConfig, device: &Device) -> Self {
        Self {
            encoder: encoder::layers(config, shared.latent_dim, device),
            decoder: decoder::layers(config, shared.latent_dim, device),
            patch_size: config.patch_size,
            frames: config.frames_per_latent(),
            decoded: config.decoded_per_latent(),
            rule: config.clip_rule,
        }
    }

    /// A chunk of whole latents; the last frame is repeated until it is one.
    fn encode_frames(&self, clip: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let clip = filled(clip, self.frames);
        run(&self.encoder, patches(clip, self.patch_size), pass)
    }
}

impl Network for Taehv {
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        let clip = (clip + 1.0) / 2.0;
        let latent = match self.rule {
            ClipRule::Plain | ClipRule::CogVideoX => self.encode_frames(clip, pass),
            ClipRule::H3 => clip_rule::encode_h3(clip, |chunk| {
                self.encode_frames(chunk, &mut Pass::whole(pass.rule()))
            }),
        };
        let logvar = latent.full_like(NO_VARIANCE);
        Posterior::new(latent, logvar).into()
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        let latents = latent.dims()[TIME];
        let frames = pixels(run(&self.decoder, latent, pass), self.patch_size);
        let kept = match self.rule {
            ClipRule::H3 => clip_rule::drop_h3(frames),
            ClipRule::CogVideoX if latents.is_multiple_of(2) => frames,
            // What a stream's first latent stands for is its last frame.
            _ if pass.is_first() => without_first(frames, self.decoded - 1),
            _ => frames,
        };
        (kept * 2.0 - 1.0).into()
    }
}
