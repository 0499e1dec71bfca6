//! Long clips chunk by chunk, with the result of the whole.
//!
//! A causal model carries state between chunks and is exact for every length and chunk size
//! (layer norm only; group statistics span the clip). A symmetric model has no such form: its
//! unit is the 32-frame segment it was trained on, and segments are independent.
//! Source: spec/wfvae.md 7.4, spec/lcvae.md 2.8, spec/leanvae.md 7,
//! spec/wanvae.md 3.

use std::ops::Range;

use burn::tensor::Tensor;

use crate::autoencoder::Autoencoder;
use crate::backbones::Network;
use crate::config::ModelConfig;
use crate::pass::{Pass, StreamState, TemporalRule};
use crate::plan::DecodeChunk;
use crate::posterior::Posterior;

const TIME: usize = 2;

impl ModelConfig {
    /// Frame ranges to push into an encoder stream, one after another.
    pub fn encode_plan(&self, frames: usize) -> Vec<Range<usize>> {
        self.encode_plan_by(frames, self.backbone.default_chunk())
    }

    /// As [`encode_plan`](Self::encode_plan) with `chunk` latent frames to a chunk.
    pub fn encode_plan_by(&self, frames: usize, chunk: usize) -> Vec<Range<usize>> {
        self.backbone.encode_plan(frames, chunk.max(1))
    }

    /// Chunks to push into a decoder stream, one after another.
    pub fn decode_plan(&self, latents: usize) -> Vec<DecodeChunk> {
        self.decode_plan_by(latents, self.backbone.default_chunk())
    }

    /// As [`decode_plan`](Self::decode_plan) with `chunk` latent frames to a chunk.
    pub fn decode_plan_by(&self, latents: usize, chunk: usize) -> Vec<DecodeChunk> {
        self.backbone.decode_plan(latents, chunk.max(1))
    }
}

/// Encodes a clip chunk by chunk.
#[derive(Debug)]
pub struct EncoderStream<'a> {
    model: &'a Autoencoder,
    state: StreamState,
}

/// Decodes a latent chunk by chunk.
#[derive(Debug)]
pub struct DecoderStream<'a> {
    model: &'a Autoencoder,
    state: StreamState,
}

impl Autoencoder {
    /// A stream for one clip; push the ranges of [`ModelConfig::encode_plan`] in order.
    pub fn encoder_stream(&self) -> EncoderStream<'_> {
        EncoderStream {
            model: self,
            state: StreamState::default(),
        }
    }

    /// A stream for one latent; push the chunks of [`ModelConfig::decode_plan`] in order.
    pub fn decoder_stream(&self) -> DecoderStream<'_> {
        DecoderStream {
            model: self,
            state: StreamState::default(),
        }
    }
}

impl EncoderStream<'_> {
    /// The posterior of the next frames.
    ///
    /// # Shapes
    /// `[B, 3, t, H, W]` to `[B, C, t', H/8, W/8]`.
    pub fn push(&mut self, frames: Tensor<5>) -> Posterior {
        let rule = self.model.rule();
        let mut pass = match rule {
            TemporalRule::Symmetric => Pass::whole(rule),
            TemporalRule::Causal => Pass::chunk(rule, &mut self.state, 0),
        };
        let encoding = self.model.backbone.encode(frames, &mut pass);
        pass.finish();
        encoding.posterior
    }
}

impl DecoderStream<'_> {
    /// The frames of the next chunk, from its latents (look-ahead included).
    ///
    /// # Shapes
    /// `[B, C, chunk.latents.len(), H', W']` to `[B, 3, chunk.frames, 8H', 8W']`.
    pub fn push(&mut self, latents: Tensor<5>, chunk: &DecodeChunk) -> Tensor<5> {
        let rule = self.model.rule();
        let mut pass = match rule {
            TemporalRule::Symmetric => Pass::whole(rule),
            TemporalRule::Causal => Pass::chunk(rule, &mut self.state, chunk.look_ahead),
        };
        let decoding = self.model.backbone.decode(latents, &mut pass);
        pass.finish();
        decoding.sample.narrow(TIME, 0, chunk.frames)
    }
}
