//! Spatial self-attention with one projection for queries, keys and values.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::attend;
use super::{Conv2d, FrameRmsNorm};

/// Single-head attention over the H*W positions of every frame, residual.
/// Source: spec/wanvae.md 1, spec/ivvae.md 3.
#[derive(Module, Debug)]
pub(crate) struct QkvAttention {
    norm: FrameRmsNorm,
    to_qkv: Conv2d,
    proj: Conv2d,
}

impl QkvAttention {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            norm: FrameRmsNorm::new(channels, device),
            to_qkv: Conv2d::with_kernel(channels, 3 * channels, 1, device),
            proj: Conv2d::zeros(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let [batch, channels, frames, height, width] = x.dims();
        let qkv = self.to_qkv.forward(self.norm.forward(x.clone()));
        let part = |i: usize| {
            let part = qkv.clone().narrow(1, i * channels, channels);
            part.swap_dims(1, 2)
                .reshape([batch * frames, channels, height * width])
        };
        let attended = attend(part(0), part(1), part(2))
            .reshape([batch, frames, channels, height, width])
            .swap_dims(1, 2);
        x + self.proj.forward(attended)
    }
}
