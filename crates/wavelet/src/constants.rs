//! The filter taps: exact, or rounded as in the references' checkpoints.

use serde::{Deserialize, Serialize};

/// Which value the Haar taps take.
///
/// The references store 0.3536 and 0.7071, so one 3-D round trip multiplies by 1.000264. Their
/// weights were trained with that gain and need it; models of our own use the exact values.
/// Source: spec/wfvae.md 2, spec/lcvae-notes.md 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Constants {
    /// `1 / sqrt 8` and `1 / sqrt 2`: the transforms are orthonormal.
    #[default]
    Exact,
    /// 0.3536 and 0.7071, as f32.
    Reference,
}

impl Constants {
    /// Tap of the 3-D transform (2x2x2).
    pub fn three(self) -> f32 {
        match self {
            Self::Exact => 0.5 * std::f32::consts::FRAC_1_SQRT_2,
            Self::Reference => 0.3536,
        }
    }

    /// Tap of the temporal transform (length 2).
    pub fn one(self) -> f32 {
        match self {
            Self::Exact => std::f32::consts::FRAC_1_SQRT_2,
            // The reference's rounded tap, not an approximation made here.
            #[expect(clippy::approx_constant, reason = "the reference stores 0.7071")]
            Self::Reference => 0.7071,
        }
    }
}
