//! What a backbone says of itself. Everything else asks here and never which backbone it is.

use burn::tensor::Tensor;
use serde_json::Value;
use wavelet::Constants;

use crate::coding::{Decoding, Encoding};
use crate::compressed::CompressedFrames;
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::frames::FrameRule;
use crate::haar_tensors::HaarTensors;
use crate::last_layer::LastLayer;
use crate::pass::{Pass, TemporalRule};
use crate::plan::{self, DecodeChunk};
use crate::shared::Defaults;
use crate::work::{Grid, Work};

use std::ops::Range;

/// A kind of backbone, before there is a config.
pub(crate) trait Family: Describe + Sized {
    /// What models with this network are called.
    const NAME: &'static str;
    /// Every `_class_name` of the references' JSON.
    const CLASSES: &'static [&'static str];

    /// The backbone's part of the config of one of its classes, from the whole JSON, and what the
    /// class takes for granted.
    ///
    /// # Errors
    /// If a field is of the wrong kind or the fields describe no model.
    fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError>;

    /// The config of a weight file, if it is of this backbone.
    fn recognise(file: &FileShapes) -> Option<Value>;
}

/// A backbone's part of a config: what the backbone with these settings is like. Defaults are what
/// most are like.
pub(crate) trait Describe {
    /// What models with this network are called.
    fn family(&self) -> &'static str;

    /// `_class_name` of the JSON.
    fn class_name(&self) -> &'static str;

    /// The settings as JSON, under the reference's names.
    fn to_json(&self) -> Value;

    /// What the JSON calls the number of latent channels.
    fn channels_field(&self) -> &'static str {
        "latent_dim"
    }

    /// Which latent frames are compressed unless the config says otherwise.
    fn default_compressed(&self) -> CompressedFrames {
        CompressedFrames::AllButFirst
    }

    /// Whether the positions of a latent frame attend to each other.
    fn attends(&self) -> bool {
        false
    }

    /// Half as many channels as the widest tensor of either half has at half resolution in all
    /// three axes.
    fn base_channels(&self) -> usize;

    /// Clip frames to a latent frame, behind the first of a causal model.
    fn frames_per_latent(&self) -> usize {
        4
    }

    /// Pixels to a latent position along a side.
    fn pixels_per_latent(&self) -> usize {
        8
    }

    fn temporal_rule(&self) -> TemporalRule {
        TemporalRule::Causal
    }

    /// Which clip lengths come back whole.
    fn frame_rule(&self) -> FrameRule {
        FrameRule::of(self.temporal_rule(), self.frames_per_latent())
    }

    /// Latent frames of a clip of this many frames.
    fn latent_frames(&self, frames: usize) -> usize {
        plan::latent_frames(self.temporal_rule(), self.frames_per_latent(), frames)
    }

    /// Frame ranges of a clip to encode one after another, `chunk` latent frames each.
    fn encode_plan(&self, frames: usize, chunk: usize) -> Vec<Range<usize>> {
        plan::encode(self.temporal_rule(), self.frame_rule(), frames, chunk)
    }

    /// Chunks of a latent to decode one after another, `chunk` latent frames each.
    fn decode_plan(&self, latents: usize, chunk: usize) -> Vec<DecodeChunk> {
        let (rule, per_latent) = (self.temporal_rule(), self.frames_per_latent());
        plan::decode(rule, per_latent, self.looks_ahead(), latents, chunk)
    }

    /// Latent frames to a chunk of a stream where the caller does not choose: backbones that are
    /// wide at full resolution take one, as their references do, the others 16 clip frames.
    fn default_chunk(&self) -> usize {
        4
    }

    /// Whether a chunk of a decoder stream looks at the latent behind it.
    fn looks_ahead(&self) -> bool {
        false
    }

    /// Whether [`Network::decode_with_last_layer`] gives one.
    fn has_last_layer(&self) -> bool {
        false
    }

    /// Where the layer with a weight of this name works.
    fn work(&self, name: &str, clip: Grid) -> Work;

    /// The Haar constants that the reference keeps in its weight files.
    fn haar_tensors(&self, _constants: Constants) -> HaarTensors {
        HaarTensors::default()
    }

    /// Whether the reference keeps the parameter of this name as a number without an axis.
    fn is_scalar(&self, _name: &str) -> bool {
        false
    }

    /// Whether a weight file with these tensors has the names of the diffusers library, and the
    /// backbone can read them.
    fn reads_diffusers(&self, _names: &[&str]) -> bool {
        false
    }

    /// Whether weight files are written with the tensor names of the diffusers library.
    fn writes_diffusers(&self) -> bool {
        false
    }

    /// The diffusers library's name of the tensor with this name in the model.
    fn diffusers_name(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// A backbone with its weights.
pub(crate) trait Network {
    /// # Shapes
    /// `[B, 3, T, H, W]` in -1..1 to a posterior `[B, C, T', H', W']`.
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding;

    /// # Shapes
    /// `[B, C, T', H', W']` to an unclamped clip `[B, 3, T, H, W]`.
    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding;

    /// As [`decode`](Self::decode), with the last layer by itself where it is known.
    fn decode_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Decoding, Option<LastLayer>) {
        (self.decode(latent, pass), None)
    }
}
