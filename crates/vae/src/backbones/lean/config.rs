//! What a LeanVAE is made of. Source: spec/leanvae.md 0 and 8.

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use super::ffn::hidden;
use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_blocks, check_widths};
use crate::shared::Defaults;

/// The reference's arguments, with its defaults.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct LeanConfig {
    /// Width of the low bands' tokens.
    pub(crate) l_dim: usize,
    /// Width of the high bands' tokens.
    pub(crate) h_dim: usize,
    /// The sum of both, said once more.
    embedding_dim: Option<usize>,
    /// Layers on either group of bands, in each half.
    pub(crate) sep_num_layer: usize,
    /// Layers on all bands together, in each half.
    pub(crate) fusion_num_layer: usize,
    /// Steps of the bottleneck's solver.
    pub(crate) ista_iter_num: usize,
    /// Layers in each of a step's two stacks.
    pub(crate) ista_layer_num: usize,
}

impl Default for LeanConfig {
    fn default() -> Self {
        Self {
            l_dim: 128,
            h_dim: 384,
            embedding_dim: None,
            sep_num_layer: 2,
            fusion_num_layer: 4,
            ista_iter_num: 2,
            ista_layer_num: 2,
        }
    }
}

impl LeanConfig {
    pub(crate) const CLASS: &str = "LeanVAE";

    pub(crate) const DEFAULTS: Defaults = Defaults {
        latent_dim: 4,
        mask: MaskChoice::None,
        constants: Constants::Exact,
        compressed: CompressedFrames::AllButFirst,
    };

    pub(crate) fn read(text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = serde_json::from_str(text)?;
        check_widths(&[("l_dim", config.l_dim), ("h_dim", config.h_dim)])?;
        check_blocks(&[
            ("sep_num_layer", config.sep_num_layer),
            ("fusion_num_layer", config.fusion_num_layer),
            ("ista_iter_num", config.ista_iter_num),
            ("ista_layer_num", config.ista_layer_num),
        ])?;
        let sum = config.embedding_dim();
        if let Some(found) = config.embedding_dim.take().filter(|found| *found != sum) {
            let why = format!("embedding_dim is {found}, but l_dim and h_dim add up to {sum}");
            return Err(ConfigError::Contradiction(why));
        }
        Ok(config)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "l_dim": self.l_dim,
            "h_dim": self.h_dim,
            "embedding_dim": self.embedding_dim(),
            "sep_num_layer": self.sep_num_layer,
            "fusion_num_layer": self.fusion_num_layer,
            "ista_iter_num": self.ista_iter_num,
            "ista_layer_num": self.ista_layer_num,
        })
    }

    /// Width D of the tokens of all bands.
    pub(crate) fn embedding_dim(&self) -> usize {
        self.l_dim + self.h_dim
    }

    /// Half the width that a feed-forward layer's widest tensor would have at half resolution in
    /// all three axes, where it holds as many numbers (a token stands for 32 positions there).
    pub(crate) fn base_channels(&self) -> usize {
        hidden(self.embedding_dim()).div_ceil(32)
    }
}
