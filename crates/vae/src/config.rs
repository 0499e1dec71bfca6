//! Model configs, read from the references' own JSON.

use std::ops::Range;

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use crate::backbones::BackboneConfig;
use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_widths};
use crate::frames::FrameRule;
use crate::pass::TemporalRule;
use crate::shared::Shared;

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

/// The part of the JSON that all backbones share.
#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    _class_name: String,
    #[serde(alias = "z_dim", alias = "z_channels", alias = "latent_channels")]
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
        self.backbone.frame_rule()
    }

    /// Height and width must be multiples of this: of a latent position's pixels, and of twice as many
    /// where the latent is compressed.
    pub fn size_step(&self) -> usize {
        match self.temporal_rule() {
            TemporalRule::Causal if self.shared.mask == MaskChoice::None => {
                self.pixels_per_latent()
            }
            _ => self.maskable_step(),
        }
    }

    /// Any mask can be applied to the latents of clips whose sides are multiples of this: the
    /// Multi-WT halves latents.
    pub fn maskable_step(&self) -> usize {
        2 * self.pixels_per_latent()
    }

    /// Whether the decoder's last layer is known by itself
    /// ([`decode_with_last_layer`](crate::Autoencoder::decode_with_last_layer)).
    pub fn has_last_layer(&self) -> bool {
        self.backbone.has_last_layer()
    }

    /// Latent frames of a clip of this many frames.
    pub fn latent_frames(&self, frames: usize) -> usize {
        self.backbone.latent_frames(frames)
    }

    /// Shape `[C, H', W']` of a latent frame of a clip whose size suits the model.
    pub fn latent_frame(&self, [height, width]: [usize; 2]) -> [usize; 3] {
        let [rows, columns] = [height, width].map(|side| side / self.pixels_per_latent());
        [self.channels(), rows, columns]
    }

    /// Pixels per latent position along a side: 8, but for some of the TAEHV family.
    pub fn pixels_per_latent(&self) -> usize {
        self.backbone.pixels_per_latent()
    }

    pub(crate) fn temporal_rule(&self) -> TemporalRule {
        self.backbone.temporal_rule()
    }
}
