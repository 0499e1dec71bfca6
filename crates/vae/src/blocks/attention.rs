//! Spatial self-attention of every frame.

use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::in_f32;
use super::{Conv3d, Norm, NormKind};
use crate::pass::Pass;

/// Which of the reference's two attention layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AttentionKind {
    /// Attention within each frame; what every published config uses.
    #[default]
    AttnBlock3DFix,
    /// The legacy layer, which takes the memory of `[C, T, H*W]` for `[T, C, H*W]` and so mixes
    /// channels with frames (spec/wfvae.md 3.8).
    AttnBlock3D,
}

/// What every position of a frame gathers from all of them: one head, scaled by the root of C.
///
/// # Shapes
/// Queries, keys and values `[N, C, P]` to the same.
pub(super) fn attend(q: Tensor<3>, k: Tensor<3>, v: Tensor<3>) -> Tensor<3> {
    let channels = q.dims()[1];
    let scores = q
        .swap_dims(1, 2)
        .matmul(k)
        .div_scalar((channels as f64).sqrt());
    let shares = in_f32(scores, |scores| softmax(scores, 2));
    v.matmul(shares.swap_dims(1, 2))
}

/// Single-head attention over the H*W positions, residual. Source: spec/wfvae.md 3.7.
#[derive(Module, Debug)]
pub(crate) struct Attention {
    norm: Norm,
    q: Conv3d,
    k: Conv3d,
    v: Conv3d,
    proj_out: Conv3d,
    #[module(skip)]
    kind: AttentionKind,
}

impl Attention {
    pub(crate) fn new(
        channels: usize,
        kind: AttentionKind,
        norm: NormKind,
        device: &Device,
    ) -> Self {
        let pointwise = || Conv3d::new(channels, channels, 1, device);
        Self {
            norm: Norm::new(norm, channels, device),
            q: pointwise(),
            k: pointwise(),
            v: pointwise(),
            proj_out: pointwise(),
            kind,
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let shape = x.dims();
        let h = self.norm.forward(x.clone());
        let q = self.slices(self.q.forward(h.clone(), pass));
        let k = self.slices(self.k.forward(h.clone(), pass));
        let v = self.slices(self.v.forward(h, pass));

        let attended = self.unslice(attend(q, k, v), shape);
        x + self.proj_out.forward(attended, pass)
    }

    /// One `[C, H*W]` matrix a frame: `[B, C, T, H, W]` to `[B*T, C, H*W]`.
    fn slices(&self, x: Tensor<5>) -> Tensor<3> {
        let [batch, channels, frames, height, width] = x.dims();
        let x = match self.kind {
            AttentionKind::AttnBlock3DFix => x.swap_dims(1, 2),
            AttentionKind::AttnBlock3D => x,
        };
        x.reshape([batch * frames, channels, height * width])
    }

    fn unslice(&self, x: Tensor<3>, shape: [usize; 5]) -> Tensor<5> {
        let [batch, channels, frames, height, width] = shape;
        match self.kind {
            AttentionKind::AttnBlock3DFix => x
                .reshape([batch, frames, channels, height, width])
                .swap_dims(1, 2),
            AttentionKind::AttnBlock3D => x.reshape(shape),
        }
    }
}
