//! Residual blocks.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::{Conv2d, Conv3d, Norm, NormKind};
use crate::pass::Pass;

/// Per-frame residual block. Source: spec/wfvae.md 3.4.
#[derive(Module, Debug)]
pub(crate) struct Resnet2d {
    norm1: Norm,
    conv1: Conv2d,
    norm2: Norm,
    conv2: Conv2d,
    nin_shortcut: Option<Conv2d>,
}

impl Resnet2d {
    pub(crate) fn new(from: usize, to: usize, norm: NormKind, device: &Device) -> Self {
        Self {
            norm1: Norm::new(norm, from, device),
            conv1: Conv2d::new(from, to, device),
            norm2: Norm::new(norm, to, device),
            conv2: Conv2d::new(to, to, device),
            nin_shortcut: (from != to).then(|| Conv2d::with_kernel(from, to, 1, device)),
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let h = self
            .conv1
            .forward(silu(self.norm1.forward_frames(x.clone())));
        let h = self.conv2.forward(silu(self.norm2.forward_frames(h)));
        let skip = match &self.nin_shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        skip + h
    }
}

/// Spatio-temporal residual block. Source: spec/wfvae.md 3.4.
#[derive(Module, Debug)]
pub(crate) struct Resnet3d {
    norm1: Norm,
    conv1: Conv3d,
    norm2: Norm,
    conv2: Conv3d,
    nin_shortcut: Option<Conv3d>,
}

impl Resnet3d {
    pub(crate) fn new(from: usize, to: usize, norm: NormKind, device: &Device) -> Self {
        Self {
            norm1: Norm::new(norm, from, device),
            conv1: Conv3d::new(from, to, 3, device),
            norm2: Norm::new(norm, to, device),
            conv2: Conv3d::new(to, to, 3, device),
            nin_shortcut: (from != to).then(|| Conv3d::new(from, to, 1, device)),
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self
            .conv1
            .forward(silu(self.norm1.forward(x.clone())), pass);
        let h = self.conv2.forward(silu(self.norm2.forward(h)), pass);
        let skip = match &self.nin_shortcut {
            Some(shortcut) => shortcut.forward(x, pass),
            None => x,
        };
        skip + h
    }
}
