//! What a TAEHV is made of. Source: spec/taehv.md 1 to 5.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use super::clip_rule::ClipRule;
use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_widths};
use crate::shared::Defaults;

/// Stages of either half; each of them halves or doubles the sides.
pub(crate) const STAGES: usize = 3;

/// The blocks and samplers of a decoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DecoderKind {
    /// The encoder's blocks.
    #[default]
    Base,
    /// Depthwise 7x7 convolutions, shuffled channels.
    Super,
    /// 3x3 convolutions in groups.
    Wide,
}

/// The settings. The reference guesses most of them from the file's name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct TaehvConfig {
    /// Pixels of a cell, a side.
    pub(crate) patch_size: usize,
    pub(crate) encoder_width: usize,
    /// Widths of the stages, and of what the last layer sees.
    pub(crate) decoder_widths: [usize; STAGES + 1],
    pub(crate) decoder: DecoderKind,
    /// Which of the encoder's stages make one frame of two.
    pub(crate) encoder_time_downscale: [bool; STAGES],
    /// Which of the decoder's stages make two frames of one; none for a preview of one frame a
    /// latent.
    pub(crate) decoder_time_upscale: [bool; STAGES],
    /// Which of the decoder's stages double the sides; fewer for a smaller preview.
    pub(crate) decoder_space_upscale: [bool; STAGES],
    pub(crate) clip_rule: ClipRule,
}

impl Default for TaehvConfig {
    fn default() -> Self {
        Self {
            patch_size: 1,
            encoder_width: 64,
            decoder_widths: [256, 128, 64, 64],
            decoder: DecoderKind::Base,
            encoder_time_downscale: [true, true, false],
            decoder_time_upscale: [false, true, true],
            decoder_space_upscale: [true; STAGES],
            clip_rule: ClipRule::Plain,
        }
    }
}

impl TaehvConfig {
    pub(crate) const CLASS: &str = "TAEHV";

    pub(crate) const DEFAULTS: Defaults = Defaults {
        latent_dim: 16,
        mask: MaskChoice::None,
        constants: Constants::Exact,
        compressed: CompressedFrames::AllButFirst,
    };

    pub(crate) fn read(text: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(text)?;
        let contradiction = |why: &str| Err(ConfigError::Contradiction(why.to_owned()));
        check_widths(&[
            ("patch_size", config.patch_size),
            ("encoder_width", config.encoder_width),
        ])?;
        check_widths(&config.decoder_widths.map(|width| ("decoder_widths", width)))?;
        if config.patch_size > 4 {
            return contradiction("patch_size is above 4");
        }
        let grows = config.grows();
        let upscale = config.decoder_time_upscale;
        if upscale.iter().zip(grows).any(|(asked, has)| *asked && !has) {
            return contradiction(
                "decoder_time_upscale grows frames in a stage where the encoder pools none",
            );
        }
        if config.decoder == DecoderKind::Super && config.decoder_space_upscale != [true; STAGES] {
            return contradiction("a super decoder always doubles the sides");
        }
        if config.clip_rule != ClipRule::Plain && upscale != grows {
            return contradiction("previews are of the plain clip_rule");
        }
        let grouped = |width: &usize| *width > 64 && !width.is_multiple_of(64);
        if config.decoder == DecoderKind::Wide
            && config.decoder_widths[..STAGES].iter().any(grouped)
        {
            return contradiction("a wide decoder's stages must be multiples of 64 wide");
        }
        Ok(config)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "patch_size": self.patch_size,
            "encoder_width": self.encoder_width,
            "decoder_widths": self.decoder_widths,
            "decoder": self.decoder,
            "encoder_time_downscale": self.encoder_time_downscale,
            "decoder_time_upscale": self.decoder_time_upscale,
            "decoder_space_upscale": self.decoder_space_upscale,
            "clip_rule": self.clip_rule,
        })
    }

    /// Frames that each of the encoder's stages makes one of.
    pub(crate) fn time_strides(&self) -> [usize; STAGES] {
        self.encoder_time_downscale
            .map(|pools| 1 + usize::from(pools))
    }

    /// Frames to a latent in encoding: 4, or 8 for the LTX models.
    pub(crate) fn frames_per_latent(&self) -> usize {
        self.time_strides().iter().product()
    }

    /// Frames that a latent is decoded to; fewer in a preview.
    pub(crate) fn decoded_per_latent(&self) -> usize {
        let growing = self.decoder_time_upscale.iter().filter(|grows| **grows);
        1 << growing.count()
    }

    /// Pixels to a latent position along a side.
    pub(crate) fn pixels_per_latent(&self) -> usize {
        self.patch_size << STAGES
    }

    /// Which of the decoder's stages have weights to make two frames of one: as many as the encoder
    /// pools, the last ones.
    fn grows(&self) -> [bool; STAGES] {
        let pools = self.encoder_time_downscale.iter().filter(|pools| **pools);
        let pools = pools.count();
        std::array::from_fn(|stage| stage + pools >= STAGES)
    }

    /// Frames that a stage's weights make of one, and how many of them are kept.
    pub(crate) fn growth(&self, stage: usize) -> [usize; 2] {
        let frames = |grows: bool| 1 + usize::from(grows);
        let grows = self.grows();
        [
            frames(grows[stage]),
            frames(self.decoder_time_upscale[stage]),
        ]
    }

    /// Width of each of the decoder's stages and of what follows it.
    pub(crate) fn stages(&self) -> [[usize; 2]; STAGES] {
        std::array::from_fn(|stage| [self.decoder_widths[stage], self.decoder_widths[stage + 1]])
    }

    /// Half the width that the widest tensor would have at half resolution in all three axes, where
    /// it holds as many numbers: what the last layers of the decoder and the first of the encoder
    /// see, at the resolution of the cells.
    pub(crate) fn base_channels(&self) -> usize {
        let [.., before, last] = self.decoder_widths;
        let widest = self.encoder_width.max(before).max(last);
        (4 * widest).div_ceil(self.patch_size * self.patch_size)
    }
}
