//! What TAEHV says of itself.

use std::ops::Range;

use serde_json::Value;

use super::config::TaehvConfig;
use crate::backbones::describe::{Describe, Family};
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::frames::FrameRule;
use crate::plan::{DecodeChunk, ranges};
use crate::shared::Defaults;
use crate::work::{Grid, Work};

impl Family for TaehvConfig {
    const NAME: &'static str = "TAEHV";
    const CLASSES: &'static [&'static str] = &[Self::CLASS];

    fn read(_class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        Ok((Self::read(text)?, Self::DEFAULTS))
    }

    fn recognise(file: &FileShapes) -> Option<Value> {
        Self::recognise(file)
    }
}

impl Describe for TaehvConfig {
    fn family(&self) -> &'static str {
        Self::NAME
    }

    fn class_name(&self) -> &'static str {
        Self::CLASS
    }

    fn to_json(&self) -> Value {
        self.to_json()
    }

    fn channels_field(&self) -> &'static str {
        "latent_channels"
    }

    fn base_channels(&self) -> usize {
        self.base_channels()
    }

    fn frames_per_latent(&self) -> usize {
        self.frames_per_latent()
    }

    fn pixels_per_latent(&self) -> usize {
        self.pixels_per_latent()
    }

    fn frame_rule(&self) -> FrameRule {
        self.clip_rule.lengths(self.frames_per_latent())
    }

    fn latent_frames(&self, frames: usize) -> usize {
        self.clip_rule.latents(frames, self.frames_per_latent())
    }

    /// Latents are of frames from the first on; a clip's last is filled up with its last frame.
    fn encode_plan(&self, frames: usize, chunk: usize) -> Vec<Range<usize>> {
        let step = if self.clip_rule.streams() {
            chunk * self.frames_per_latent()
        } else {
            frames.max(1)
        };
        ranges(0, frames, step)
    }

    fn decode_plan(&self, latents: usize, chunk: usize) -> Vec<DecodeChunk> {
        let decoded = self.decoded_per_latent();
        let streams = self.clip_rule.streams();
        let step = if streams { chunk } else { latents.max(1) };
        let part = |own: Range<usize>| {
            let frames = if own.start == 0 {
                self.clip_rule.frames(own.len(), decoded)
            } else {
                own.len() * decoded
            };
            DecodeChunk {
                latents: own,
                look_ahead: 0,
                frames,
            }
        };
        ranges(0, latents, step).into_iter().map(part).collect()
    }

    fn default_chunk(&self) -> usize {
        1
    }

    fn work(&self, name: &str, clip: Grid) -> Work {
        self.work(name, clip)
    }
}
