//! What is minimised.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::defaults::{is_one, is_zero};

/// Weights of the loss terms; see [`crate::losses`] for what each is a mean or sum of.
///
/// Defaults are not written, so that the fingerprint of runs begun without a field stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LossConfig {
    /// Of the absolute error.
    pub(crate) l1: f64,
    /// Of the squared error.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) l2: f64,
    /// Of 1 - SSIM of the frames.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) ssim: f64,
    /// Of the jumps of the error across the edges of 8x8 blocks, against a visible grid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) seams: f64,
    pub(crate) kl: f64,
    pub(crate) wavelet: f64,
    /// Of the absolute difference that compression makes to the latent: it draws what is told into
    /// what is kept. The LC-VAE code has it as its teacher loss.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) dropped: f64,
    /// What the terms are reduced to.
    #[serde(default, skip_serializing_if = "Reduction::is_mean")]
    pub(crate) reduction: Reduction,
    /// The references' fixed log-variance s: all terms of the reconstruction are divided by
    /// `exp(s)`, and s is added for every number of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) logvar: f64,
    /// What the divergence is taken of.
    #[serde(default, skip_serializing_if = "KlOn::is_full")]
    pub(crate) kl_on: KlOn,
    /// The error by subbands, as LeanVAE has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bands: Option<BandsConfig>,
    /// The error in a network's features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) perceptual: Option<PerceptualConfig>,
}

impl LossConfig {
    /// Whether any term compares clips with their reconstructions.
    pub(super) fn compares(&self) -> bool {
        let bands = self.bands.map_or(0.0, |bands| bands.low + bands.high);
        let perceptual = self.perceptual.as_ref().map_or(0.0, |own| own.weight);
        self.l1 + self.l2 + self.ssim + self.seams + bands + perceptual > 0.0
    }
}

/// How the terms of the loss are reduced to a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reduction {
    /// Means over elements.
    #[default]
    Mean,
    /// The references' sums: the reconstruction per frame, the others per clip.
    Reference,
}

impl Reduction {
    fn is_mean(&self) -> bool {
        *self == Self::Mean
    }
}

/// Which latent pays for what it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KlOn {
    /// All of it, as in the references.
    #[default]
    Full,
    /// The coefficients that the mask keeps.
    Kept,
}

impl KlOn {
    fn is_full(&self) -> bool {
        *self == Self::Full
    }
}

/// Weights of the absolute error of the clip's own Haar coefficients, each the sum of its pixels
/// with signs: means over the low band, and over the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandsConfig {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// A distance in the features of a network that the user supplies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerceptualConfig {
    pub(crate) weight: f64,
    /// Which network it is.
    pub(crate) backbone: BackboneName,
    /// Its weights: .pth, .safetensors, or the compressed SqueezeNet 1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// The published LPIPS heads; without them every channel counts alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heads: Option<PathBuf>,
    /// Compare the first frame and this many consecutive ones, drawn for each step; else all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<usize>,
    /// What frames in [-1, 1] are multiplied by; LeanVAE compares them at half the contrast.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(crate) scale: f64,
}

fn one() -> f64 {
    1.0
}

/// The networks, as configs name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackboneName {
    Vgg16,
    AlexNet,
    SqueezeNet,
    /// SqueezeNet 1.0, deep-compressed: no LPIPS, for want of heads.
    Compressed,
}

impl BackboneName {
    /// As [`perceptual::Backbone::name`] has it.
    pub(crate) fn full(self) -> &'static str {
        match self {
            Self::Vgg16 => "VGG-16",
            Self::AlexNet => "AlexNet",
            Self::SqueezeNet => "SqueezeNet 1.1",
            Self::Compressed => "compressed SqueezeNet 1.0",
        }
    }
}
