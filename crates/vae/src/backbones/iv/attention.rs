//! Attention within each half of the channels. Source: spec/ivvae.md 3.
#![allow(
    non_snake_case,
    reason = "`Attention_2d` and `Attention_3d` are the reference's parameter names"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::halves::{halves, joined};
use crate::blocks::QkvAttention;

/// Spatial attention of every frame, for each half on its own.
#[derive(Module, Debug)]
pub(crate) struct SeparateAttention {
    Attention_2d: QkvAttention,
    Attention_3d: QkvAttention,
}

impl SeparateAttention {
    /// `channels` counts those of one half.
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            Attention_2d: QkvAttention::new(channels, device),
            Attention_3d: QkvAttention::new(channels, device),
        }
    }

    /// # Shapes
    /// `[B, 2 * channels, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let [keyframe, motion] = halves(x);
        joined(
            self.Attention_2d.forward(keyframe),
            self.Attention_3d.forward(motion),
        )
    }
}
