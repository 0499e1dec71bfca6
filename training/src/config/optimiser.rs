//! The optimiser, its schedule, and the average of the weights.

use burn::tensor::FloatDType;
use serde::{Deserialize, Serialize};

use super::defaults::{is_default, is_one_batch, is_yes, one, yes};

/// AdamW, its schedule, and the average of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptimiserConfig {
    /// Peak learning rate.
    pub(crate) lr: f64,
    /// Steps of linear warm-up.
    pub(crate) warmup_steps: u64,
    /// How the rate falls after the warm-up.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) schedule: Schedule,
    /// Share of the peak that is left at the last step; 1 for a constant rate.
    pub(crate) final_lr_ratio: f64,
    /// The step from which a stable run's rate falls, in a straight line; none while it is stable.
    /// `train --resume --decay` sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decay_from: Option<u64>,
    /// The step at which it has fallen so far; else the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decay_steps: Option<u64>,
    pub(crate) betas: [f32; 2],
    pub(crate) epsilon: f32,
    /// Decoupled weight decay.
    pub(crate) weight_decay: f32,
    /// Largest Euclidean norm of all gradients together; `inf` for any.
    pub(crate) clip_norm: f64,
    /// Batches whose gradients are averaged for a step.
    #[serde(default = "one", skip_serializing_if = "is_one_batch")]
    pub(crate) accumulate: u64,
    /// What updates the matrices of linear layers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) matrices: Matrices,
    /// The numbers that a pass computes with; weights, optimiser and losses are f32 either way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) precision: Precision,
    /// Decay of the average of the weights.
    pub(crate) ema_decay: f64,
    /// Whether the decay starts low and rises, so that the random start is soon forgotten; the
    /// references' is constant.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) ema_warmup: bool,
}

/// How the learning rate falls after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Schedule {
    /// Half a cosine over all steps.
    #[default]
    Cosine,
    /// Not at all, until somebody asks for the decay: such a run need not know its end.
    Stable,
}

/// What updates the matrices of linear layers. Everything else is AdamW's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Matrices {
    /// Like everything else.
    #[default]
    AdamW,
    /// Momentum made orthogonal, so that every direction moves by as much; scaled such that
    /// AdamW's learning rate suits it. Worth its time where most weights are in linear layers
    /// (training/TRIALS.md).
    Muon,
}

/// The numbers that the model computes with in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Precision {
    #[default]
    F32,
    /// Half the memory, and the fast units of recent GPUs. Normalisation, softmax and the latent
    /// between the two halves stay f32.
    Bf16,
}

impl Precision {
    pub(crate) fn dtype(self) -> FloatDType {
        match self {
            Self::F32 => FloatDType::F32,
            Self::Bf16 => FloatDType::BF16,
        }
    }
}
