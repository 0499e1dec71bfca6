//! Model configs, read from the references' own JSON.

use std::ops::Range;

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use crate::backbone::BackboneConfig;
use crate::compressed::CompressedFrames;
use crate::frames::FrameRule;
use crate::pass::TemporalRule;

/// Pixels per latent position along a side.
pub const PIXELS_PER_LATENT: usize = 8;
/// No published model is half as wide.
const MAX_WIDTH: usize = 4096;
/// No published model has a tenth as many layers in a row.
const MAX_BLOCKS: usize = 64;

/// A model's config: a backbone's, and what all have.
///
/// Missing fields take the reference constructors' defaults. Three fields are ours: `"mask"` (see
/// [`MaskChoice`]; default `"paper50"` for LC-VAE, `"soft50"` for its authors' Wan class, else
/// `"none"`), `"constants"` (default `"reference"` for WF-VAE, whose published weights were trained
/// with the rounded taps, else exact) and `"compressed"` (see [`CompressedFrames`]). LeanVAE,
/// IV-VAE and the original Wan have no JSON of their own: fields are the references' arguments.
/// Source: spec/wfvae.md 1, spec/lcvae.md 2.5, spec/leanvae.md 0, spec/wanvae.md 0, spec/ivvae.md 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelConfig {
    pub(crate) shared: Shared,
    pub(crate) backbone: BackboneConfig,
}

/// What the configs of all backbones have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shared {
    pub(crate) latent_dim: usize,
    pub(crate) constants: Constants,
    pub(crate) mask: MaskChoice,
    pub(crate) compressed: CompressedFrames,
}

/// What [`Shared`] is where the JSON is silent.
#[derive(Debug)]
pub(crate) struct Defaults {
    pub(crate) latent_dim: usize,
    pub(crate) constants: Constants,
    pub(crate) mask: MaskChoice,
    pub(crate) compressed: CompressedFrames,
}

/// Why a config cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or a field of the wrong kind.
    #[error("the config is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// `_class_name` is missing or names something else.
    #[error("the config is for the model {found:?}; supported are {}", supported())]
    UnknownClass {
        /// What `_class_name` says, empty if it is missing.
        found: String,
    },
    /// A combination of fields that no model has.
    #[error("the config does not describe a model: {0}")]
    Contradiction(String),
}

fn supported() -> String {
    let [names @ .., last] = BackboneConfig::CLASSES;
    format!("{} and {last}", names.join(", "))
}

/// Refuses widths that no model has, before anything is made of them.
pub(crate) fn check_widths(widths: &[(&str, usize)]) -> Result<(), ConfigError> {
    check_range(widths, 1, MAX_WIDTH)
}

/// Refuses numbers of blocks that no model has.
pub(crate) fn check_blocks(blocks: &[(&str, usize)]) -> Result<(), ConfigError> {
    check_range(blocks, 0, MAX_BLOCKS)
}

fn check_range(fields: &[(&str, usize)], least: usize, most: usize) -> Result<(), ConfigError> {
    match fields.iter().find(|(_, n)| !(least..=most).contains(n)) {
        None => Ok(()),
        Some((name, found)) => Err(ConfigError::Contradiction(format!(
            "{name} is {found}, and must be {least} to {most}"
        ))),
    }
}

/// The part of the JSON that all backbones share.
#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    _class_name: String,
    #[serde(alias = "z_dim", alias = "z_channels")]
    latent_dim: Option<usize>,
    constants: Option<Constants>,
    mask: Option<MaskChoice>,
    compressed: Option<CompressedFrames>,
}

impl ModelConfig {
    /// Reads the reference's JSON; `_class_name` names the model.
    ///
    /// # Errors
    /// If it is not JSON, is of another model, or describes none.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let raw: Raw = serde_json::from_str(text)?;
        let (backbone, defaults) = BackboneConfig::read(&raw._class_name, text)?;
        let shared = Shared {
            latent_dim: raw.latent_dim.unwrap_or(defaults.latent_dim),
            constants: raw.constants.unwrap_or(defaults.constants),
            mask: raw.mask.unwrap_or(defaults.mask),
            compressed: raw.compressed.unwrap_or(defaults.compressed),
        };
        check_widths(&[("latent_dim", shared.latent_dim)])?;
        if let Err(error) = shared.mask.build(shared.latent_dim) {
            return Err(ConfigError::Contradiction(error.to_string()));
        }
        let symmetric = backbone.temporal_rule() == TemporalRule::Symmetric;
        if symmetric != (shared.compressed == CompressedFrames::All) {
            let why = "\"compressed\" must be \"all\" for LC-VAE, and \"all-but-first\" or \
                       \"first-eight\" for the causal models";
            return Err(ConfigError::Contradiction(why.into()));
        }
        Ok(Self { shared, backbone })
    }

    /// Writes the reference's JSON, with our `"mask"` and `"constants"`, and `"compressed"` where
    /// the class has another default.
    pub fn to_json(&self) -> String {
        let mut whole = json!({
            "_class_name": self.backbone.class_name(),
            self.backbone.channels_field(): self.shared.latent_dim,
            "constants": self.shared.constants,
            "mask": self.shared.mask,
        });
        if self.shared.compressed != self.backbone.default_compressed() {
            whole["compressed"] = json!(self.shared.compressed);
        }
        if let (Value::Object(whole), Value::Object(part)) = (&mut whole, self.backbone.to_json()) {
            whole.extend(part);
        }
        format!("{whole:#}\n")
    }

    /// What the latent is compressed with, in training and by default at decoding.
    pub fn mask(&self) -> &MaskChoice {
        &self.shared.mask
    }

    /// The same model with another mask.
    #[must_use]
    pub fn with_mask(mut self, mask: MaskChoice) -> Self {
        self.shared.mask = mask;
        self
    }

    /// Latent channels C.
    pub fn channels(&self) -> usize {
        self.shared.latent_dim
    }

    /// Half as many channels as the widest tensor of either half has at half resolution in all
    /// three axes: how much memory a clip takes goes by it.
    pub fn base_channels(&self) -> usize {
        self.backbone.base_channels()
    }

    /// Whether the positions of a latent frame attend to each other, which takes memory by the
    /// square of their number.
    pub fn attends(&self) -> bool {
        self.backbone.attends()
    }

    /// The Haar taps.
    pub fn constants(&self) -> Constants {
        self.shared.constants
    }

    /// Which frames of a latent of `latents` frames compression works on.
    pub fn compressed_frames(&self, latents: usize) -> Range<usize> {
        self.shared.compressed.range(latents)
    }

    /// Whether latents are whole groups of 8 frames, made to be compressed (LC-VAE), with whatever
    /// mask.
    pub fn compresses(&self) -> bool {
        self.temporal_rule() == TemporalRule::Symmetric
    }

    /// Which clip lengths the model takes without padding.
    pub fn frame_rule(&self) -> FrameRule {
        match self.temporal_rule() {
            TemporalRule::Causal => FrameRule {
                step: self.frames_per_latent(),
                offset: 1,
            },
            TemporalRule::Symmetric => FrameRule {
                step: 32,
                offset: 0,
            },
        }
    }

    /// Height and width must be multiples of this: of 8, and of 16 where the latent is compressed.
    pub fn size_step(&self) -> usize {
        match self.temporal_rule() {
            TemporalRule::Causal if self.shared.mask == MaskChoice::None => 8,
            _ => 16,
        }
    }

    /// Whether the decoder's last layer is known by itself
    /// ([`decode_with_last_layer`](crate::Autoencoder::decode_with_last_layer)).
    pub fn has_last_layer(&self) -> bool {
        self.backbone.has_last_layer()
    }

    /// Latent frames of a clip of this many frames.
    pub fn latent_frames(&self, frames: usize) -> usize {
        match self.temporal_rule() {
            TemporalRule::Causal => 1 + frames.saturating_sub(1) / self.frames_per_latent(),
            TemporalRule::Symmetric => frames.div_ceil(self.frames_per_latent()),
        }
    }

    /// Shape `[C, H', W']` of a latent frame of a clip whose size suits the model.
    pub fn latent_frame(&self, [height, width]: [usize; 2]) -> [usize; 3] {
        let [rows, columns] = [height, width].map(|side| side / PIXELS_PER_LATENT);
        [self.channels(), rows, columns]
    }

    /// Frames per latent frame: 4 or 8.
    pub(crate) fn frames_per_latent(&self) -> usize {
        self.backbone.frames_per_latent()
    }

    pub(crate) fn temporal_rule(&self) -> TemporalRule {
        self.backbone.temporal_rule()
    }
}
