//! What a Wan 2.1 VAE is made of. Source: spec/wanvae.md 0, 5, 6 and 8.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wavelet::{Constants, MaskChoice};

use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_blocks, check_widths};
use crate::shared::Defaults;

/// Latent channels of the published weights.
const CHANNELS: usize = 16;
/// Mean and deviation of the published weights' latents.
const MEAN: [f64; CHANNELS] = [
    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134, -0.0715, 0.5517,
    -0.3632, -0.1922, -0.9497, 0.2503, -0.2921,
];
const DEVIATION: [f64; CHANNELS] = [
    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526, 2.8652, 1.5579,
    1.6382, 1.1253, 2.8251, 1.9160,
];

/// Whose model it is. The network is the same; latents and tensor names are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WanClass {
    /// The original: latents are normalised, and only their mean is ever used there.
    Original,
    /// The diffusers library's: other tensor names; latents are as the network gives them, the
    /// statistics are for whoever normalises them.
    Diffusers,
    /// LC-VAE's authors': more channels, no normalisation, the first eight latents compressed.
    MultiWavelet,
}

/// Mean and deviation of every latent channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) mean: Vec<f64>,
    pub(crate) deviation: Vec<f64>,
}

/// The reference's arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WanConfig {
    pub(crate) class: WanClass,
    /// Width of the first stage.
    pub(crate) dim: usize,
    /// Widths of the stages in units of the first.
    pub(crate) dim_mult: [usize; 4],
    /// Residual blocks in a stage of the encoder; the decoder has one more.
    pub(crate) num_res_blocks: usize,
    /// Which of the samplers between the encoder's stages halve frames too.
    pub(crate) temporal_downsample: [bool; 3],
    statistics: Option<Statistics>,
}

/// The JSON, in the spelling of any of the classes.
#[derive(Deserialize)]
#[serde(default)]
struct Raw {
    #[serde(alias = "base_dim")]
    dim: usize,
    #[serde(alias = "z_dim", alias = "z_channels")]
    latent_dim: Option<usize>,
    dim_mult: [usize; 4],
    num_res_blocks: usize,
    attn_scales: Vec<f64>,
    #[serde(alias = "temperal_downsample")]
    temporal_downsample: [bool; 3],
    latents_mean: Option<Vec<f64>>,
    latents_std: Option<Vec<f64>>,
    not_compress: bool,
    /// Only Wan 2.2 has these two.
    is_residual: bool,
    patch_size: Option<usize>,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            dim: 96,
            latent_dim: None,
            dim_mult: [1, 2, 4, 4],
            num_res_blocks: 2,
            attn_scales: Vec::new(),
            temporal_downsample: [false, true, true],
            latents_mean: None,
            latents_std: None,
            not_compress: false,
            is_residual: false,
            patch_size: None,
        }
    }
}

impl WanClass {
    /// In the order of the variants.
    pub(crate) const NAMES: [&'static str; 3] =
        ["WanVAE", "AutoencoderKLWan", "Wan2_1_VAE_MultiWavelet"];

    /// The class of this name; the original where there is no such class.
    pub(crate) fn of(name: &str) -> Self {
        let others = [Self::Diffusers, Self::MultiWavelet];
        let found = others.into_iter().find(|known| known.name() == name);
        found.unwrap_or(Self::Original)
    }

    pub(crate) fn name(self) -> &'static str {
        let [original, diffusers, multi_wavelet] = Self::NAMES;
        match self {
            Self::Original => original,
            Self::Diffusers => diffusers,
            Self::MultiWavelet => multi_wavelet,
        }
    }

    /// Which latent frames are compressed unless the config says otherwise.
    pub(crate) fn compressed(self) -> CompressedFrames {
        match self {
            Self::Original | Self::Diffusers => CompressedFrames::AllButFirst,
            Self::MultiWavelet => CompressedFrames::FirstEight,
        }
    }

    fn latent_dim(self) -> usize {
        match self {
            Self::Original | Self::Diffusers => CHANNELS,
            Self::MultiWavelet => 32,
        }
    }
}

impl WanConfig {
    /// The config and what its class takes for granted.
    pub(crate) fn read(class: WanClass, text: &str) -> Result<(Self, Defaults), ConfigError> {
        let raw: Raw = serde_json::from_str(text)?;
        let contradiction = |why: &str| Err(ConfigError::Contradiction(why.to_owned()));
        if raw.is_residual || raw.patch_size.is_some() {
            return contradiction("it is a Wan 2.2 VAE; only Wan 2.1 is supported");
        }
        if !raw.attn_scales.is_empty() {
            return contradiction("attn_scales must be empty: no Wan 2.1 VAE has attention there");
        }
        let widths = raw.dim_mult.map(|mult| raw.dim.saturating_mul(mult));
        check_widths(&widths.map(|width| ("dim times dim_mult", width)))?;
        check_blocks(&[("num_res_blocks", raw.num_res_blocks)])?;
        if raw.num_res_blocks == 0 {
            return contradiction("num_res_blocks must be at least 1");
        }
        if widths[1..].iter().any(|width| width % 2 == 1) {
            return contradiction("every stage but the first must have an even width");
        }
        let statistics = raw.statistics(class)?;
        let defaults = Defaults {
            latent_dim: class.latent_dim(),
            mask: match class {
                WanClass::MultiWavelet if !raw.not_compress => MaskChoice::Soft50,
                _ => MaskChoice::None,
            },
            constants: Constants::Exact,
            compressed: class.compressed(),
        };
        let config = Self {
            class,
            dim: raw.dim,
            dim_mult: raw.dim_mult,
            num_res_blocks: raw.num_res_blocks,
            temporal_downsample: raw.temporal_downsample,
            statistics,
        };
        Ok((config, defaults))
    }

    pub(crate) fn to_json(&self) -> Value {
        let (dim, downsample) = match self.class {
            WanClass::Original => ("dim", "temperal_downsample"),
            WanClass::Diffusers => ("base_dim", "temperal_downsample"),
            WanClass::MultiWavelet => ("dim", "temporal_downsample"),
        };
        let mut fields = Map::new();
        let mut put = |name: &str, value| fields.insert(name.to_owned(), value);
        put(dim, json!(self.dim));
        put("dim_mult", json!(self.dim_mult));
        put("num_res_blocks", json!(self.num_res_blocks));
        put("attn_scales", json!([]));
        put(downsample, json!(self.temporal_downsample));
        if self.class != WanClass::MultiWavelet {
            let (mean, deviation) = match &self.statistics {
                Some(statistics) => (json!(statistics.mean), json!(statistics.deviation)),
                None => (json!([]), json!([])),
            };
            put("latents_mean", mean);
            put("latents_std", deviation);
        }
        Value::Object(fields)
    }

    /// What latents are normalised with, if they are.
    pub(crate) fn normalised(&self) -> Option<&Statistics> {
        let statistics = self.statistics.as_ref();
        statistics.filter(|_| self.class == WanClass::Original)
    }

    /// Frames per latent frame: 4 as published.
    pub(crate) fn frames_per_latent(&self) -> usize {
        1 << self.temporal_downsample.iter().filter(|t| **t).count()
    }

    pub(crate) fn blocks_per_decoder_stage(&self) -> usize {
        self.num_res_blocks + 1
    }

    /// Half the width that the widest tensor would have at half resolution in all three axes,
    /// where it holds as many numbers: the last sampler's, at full resolution.
    pub(crate) fn base_channels(&self) -> usize {
        let [first, second, ..] = self.dim_mult;
        4 * self.dim * first.max(second)
    }
}

impl Raw {
    /// The statistics given, or else those of the published weights where they fit; empty lists
    /// stand for none.
    fn statistics(&self, class: WanClass) -> Result<Option<Statistics>, ConfigError> {
        let channels = self.latent_dim.unwrap_or(class.latent_dim());
        let published = channels == CHANNELS && class != WanClass::MultiWavelet;
        let (mean, deviation) = match (&self.latents_mean, &self.latents_std) {
            (None, None) if published => (MEAN.to_vec(), DEVIATION.to_vec()),
            (None, None) => return Ok(None),
            (mean, deviation) => {
                let list = |list: &Option<Vec<f64>>| list.clone().unwrap_or_default();
                (list(mean), list(deviation))
            }
        };
        if mean.is_empty() && deviation.is_empty() {
            return Ok(None);
        }
        let finite = mean.iter().all(|m| m.is_finite()) && deviation.iter().all(|d| *d > 0.0);
        if mean.len() != channels || deviation.len() != channels || !finite {
            let why = format!(
                "latents_mean and latents_std must be {channels} numbers each, deviations above 0"
            );
            return Err(ConfigError::Contradiction(why));
        }
        Ok(Some(Statistics { mean, deviation }))
    }
}
