//! The discriminator and how it is trained.

use serde::{Deserialize, Serialize};

/// Adversarial training: a discriminator beside the autoencoder. Defaults are WF-VAE's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AdversarialConfig {
    /// Of the adversarial term in the autoencoder's loss.
    pub(crate) weight: f64,
    /// Whether the weight is in units of the reconstruction's pull at the decoder's last layer.
    pub(crate) adaptive: bool,
    /// The first step with a discriminator.
    pub(crate) start: u64,
    pub(crate) turns: Turns,
    pub(crate) patch: PatchKind,
    /// Channels after the first layer.
    pub(crate) width: usize,
    /// Normalised layers.
    pub(crate) layers: usize,
    /// Share of features that are dropped behind each of them in training.
    pub(crate) dropout: f64,
    /// What the discriminator minimises.
    pub(crate) loss: DiscriminatorLoss,
    /// What the autoencoder minimises.
    pub(crate) pull: Pull,
    /// Weight of the LeCAM penalty in the discriminator's loss.
    pub(crate) lecam: f64,
    /// The discriminator's learning rate, constant; else that of the autoencoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lr: Option<f64>,
}

impl Default for AdversarialConfig {
    fn default() -> Self {
        Self {
            weight: 0.5,
            adaptive: true,
            start: 0,
            turns: Turns::Alternate,
            patch: PatchKind::Volume,
            width: 64,
            layers: 4,
            dropout: 0.3,
            loss: DiscriminatorLoss::Hinge,
            pull: Pull::Logits,
            lecam: 0.0,
            lr: None,
        }
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Turns {
    /// Even steps train the autoencoder, odd ones the discriminator. Both count.
    Alternate,
    /// Every step trains both, on the same reconstruction.
    Both,
}

/// What a patch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PatchKind {
    /// A part of a few frames (WF-VAE).
    Volume,
    /// A part of one frame (LeanVAE).
    Frame,
}

/// What the discriminator minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DiscriminatorLoss {
    Hinge,
    Vanilla,
}

/// What the autoencoder minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pull {
    /// The negative mean logit (WF-VAE).
    Logits,
    /// The cross-entropy of every frame's mean logit (LeanVAE).
    Frames,
}
