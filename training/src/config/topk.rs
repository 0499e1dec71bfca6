//! Adaptive Top-k in place of a fixed mask.

use serde::{Deserialize, Serialize};
use wavelet::{Choice, Soft, Strength};

/// In every step only the strongest coefficients of the latent are kept: the paper's baseline.
/// What was strongest on average becomes the fixed mask of the exported model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopKConfig {
    /// Share of the coefficients that is kept, 0 to 1.
    pub(crate) keep: f64,
    /// What each choice is made for.
    #[serde(default)]
    pub(crate) per: Choice,
    /// What channels are judged by.
    #[serde(default)]
    pub(crate) by: Strength,
    /// Whether the choice has no edge in training; what is exported is a hard one either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) soft: Option<Soft>,
}
