//! What an IV-VAE is made of. Source: spec/ivvae.md 0.

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_blocks, check_widths};
use crate::shared::Defaults;

/// Scale and shift of the published weights, by latent channels and width.
const PUBLISHED: [(usize, usize, f64, f64); 4] = [
    (4, 64, 1.3196, 0.1250),
    (8, 64, 1.0940, -0.0322),
    (16, 64, 0.9697, -0.1553),
    (16, 96, 0.7619, -0.0483),
];

/// The reference's arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IvConfig {
    /// Width of the first stage, of each half of the channels.
    pub(crate) dim: usize,
    /// Widths of the stages in units of the first.
    dim_mult: [usize; 4],
    /// Residual blocks in a stage of the encoder; the decoder has one more.
    pub(crate) num_res_blocks: usize,
    /// Latents are the network's, less the shift, times the scale.
    pub(crate) scale_factor: f64,
    pub(crate) shift_factor: f64,
}

/// The JSON.
#[derive(Deserialize)]
#[serde(default)]
struct Raw {
    dim: usize,
    #[serde(alias = "z_dim")]
    latent_dim: usize,
    dim_mult: [usize; 4],
    num_res_blocks: usize,
    attn_scales: Vec<f64>,
    #[serde(alias = "temporal_downsample")]
    temperal_downsample: [bool; 3],
    scale_factor: Option<f64>,
    shift_factor: Option<f64>,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            dim: 64,
            latent_dim: IvConfig::DEFAULTS.latent_dim,
            dim_mult: [1, 2, 4, 4],
            num_res_blocks: 2,
            attn_scales: Vec::new(),
            temperal_downsample: IvConfig::TEMPORAL_DOWNSAMPLE,
            scale_factor: None,
            shift_factor: None,
        }
    }
}

impl IvConfig {
    pub(crate) const CLASS: &str = "IV_VAE";
    /// Which of the samplers between the encoder's stages halve frames too.
    pub(crate) const TEMPORAL_DOWNSAMPLE: [bool; 3] = [false, true, true];

    pub(crate) const DEFAULTS: Defaults = Defaults {
        latent_dim: 16,
        mask: MaskChoice::None,
        constants: Constants::Exact,
        compressed: CompressedFrames::AllButFirst,
    };

    pub(crate) fn read(text: &str) -> Result<Self, ConfigError> {
        let raw: Raw = serde_json::from_str(text)?;
        let contradiction = |why: String| Err(ConfigError::Contradiction(why));
        let widths = raw.dim_mult.map(|mult| raw.dim.saturating_mul(mult));
        check_widths(&widths.map(|width| ("dim times dim_mult", width)))?;
        check_blocks(&[("num_res_blocks", raw.num_res_blocks)])?;
        if raw.num_res_blocks == 0 {
            return contradiction("num_res_blocks must be at least 1".into());
        }
        if widths[1..].iter().any(|width| width % 2 == 1) {
            return contradiction("every stage but the first must have an even width".into());
        }
        if raw.latent_dim % 2 == 1 {
            let found = raw.latent_dim;
            return contradiction(format!(
                "z_dim is {found}, but its channels are in two halves"
            ));
        }
        if raw.temperal_downsample != Self::TEMPORAL_DOWNSAMPLE || !raw.attn_scales.is_empty() {
            return contradiction(
                "IV-VAE halves frames at its second and third sampler and has no attn_scales"
                    .into(),
            );
        }
        let mut published = PUBLISHED.iter();
        let published = published.find(|(z, dim, ..)| (*z, *dim) == (raw.latent_dim, raw.dim));
        let (scale, shift) = published.map_or((1.0, 0.0), |(_, _, scale, shift)| (*scale, *shift));
        let (scale_factor, shift_factor) = (
            raw.scale_factor.unwrap_or(scale),
            raw.shift_factor.unwrap_or(shift),
        );
        if !scale_factor.is_normal() || !shift_factor.is_finite() {
            return contradiction(
                "scale_factor and shift_factor must be finite, and the scale not 0".into(),
            );
        }
        Ok(Self {
            dim: raw.dim,
            dim_mult: raw.dim_mult,
            num_res_blocks: raw.num_res_blocks,
            scale_factor,
            shift_factor,
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "dim": self.dim,
            "dim_mult": self.dim_mult,
            "num_res_blocks": self.num_res_blocks,
            "attn_scales": [],
            "temperal_downsample": Self::TEMPORAL_DOWNSAMPLE,
            "scale_factor": self.scale_factor,
            "shift_factor": self.shift_factor,
        })
    }

    /// Channels of one half in each stage.
    pub(crate) fn widths(&self) -> [usize; 4] {
        self.dim_mult.map(|mult| self.dim * mult)
    }

    /// Half the width that the widest tensor would have at half resolution in all three axes,
    /// where it holds as many numbers: a convolution's input at full resolution, both halves with
    /// the two frames that each group of four is given, or the last sampler's.
    pub(crate) fn base_channels(&self) -> usize {
        let [first, second, ..] = self.widths();
        4 * second.max(3 * first)
    }
}
