//! Residual blocks, and numbered stacks of layers. Source: spec/ivvae.md 3.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::attention::SeparateAttention;
use super::sampling::{Down, Up};
use super::separate::Separate3d;
use crate::blocks::{Conv2d, RmsNorm};
use crate::pass::Pass;

/// A norm of both halves; `channels` counts those of one.
pub(crate) fn norm(channels: usize, device: &Device) -> RmsNorm {
    RmsNorm::new(2 * channels, 2, device)
}

/// The part of a block that is added; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
struct Residual3d {
    at_0: RmsNorm,
    at_2: Separate3d,
    at_3: RmsNorm,
    at_6: Separate3d,
}

/// A residual block at a temporal rate at which there are groups.
#[derive(Module, Debug)]
pub(crate) struct Block3d {
    residual: Residual3d,
    shortcut: Option<Separate3d>,
}

impl Block3d {
    /// `from` and `to` count the channels of one half.
    pub(crate) fn new(from: usize, to: usize, group: usize, device: &Device) -> Self {
        let shortcut = || Separate3d::pointwise(2 * from, to, device);
        Self {
            residual: Residual3d {
                at_0: norm(from, device),
                at_2: Separate3d::new(2 * from, to, group, device),
                at_3: norm(to, device),
                at_6: Separate3d::new(2 * to, to, group, device),
            },
            shortcut: (from != to).then(shortcut),
        }
    }

    /// # Shapes
    /// `[B, 2 * from, T, H, W]` to `[B, 2 * to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let Residual3d {
            at_0: norm1,
            at_2: conv1,
            at_3: norm2,
            at_6: conv2,
        } = &self.residual;
        let h = conv1.forward(silu(norm1.forward(x.clone())), pass);
        let h = conv2.forward(silu(norm2.forward(h)), pass);
        let skip = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x, pass),
            None => x,
        };
        skip + h
    }
}

/// A per-frame convolution of both halves; a level of its own in parameter names.
#[derive(Module, Debug)]
pub(crate) struct Separate2d {
    pub(crate) conv: Conv2d,
}

impl Separate2d {
    /// `from` and `to` count the channels of one half.
    pub(crate) fn new(from: usize, to: usize, kernel: usize, device: &Device) -> Self {
        Self {
            conv: Conv2d::with_kernel(2 * from, 2 * to, kernel, device),
        }
    }

    /// # Shapes
    /// `[B, 2 * from, T, H, W]` to `[B, 2 * to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.conv.forward(x)
    }
}

/// The part of a block that is added; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
struct Residual2d {
    at_0: RmsNorm,
    at_2: Separate2d,
    at_3: RmsNorm,
    at_6: Separate2d,
}

/// A residual block where one frame is a group: nothing is temporal.
#[derive(Module, Debug)]
pub(crate) struct Block2d {
    residual: Residual2d,
    shortcut: Option<Separate2d>,
}

impl Block2d {
    /// `from` and `to` count the channels of one half.
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        Self {
            residual: Residual2d {
                at_0: norm(from, device),
                at_2: Separate2d::new(from, to, 3, device),
                at_3: norm(to, device),
                at_6: Separate2d::new(to, to, 3, device),
            },
            shortcut: (from != to).then(|| Separate2d::new(from, to, 1, device)),
        }
    }

    /// # Shapes
    /// `[B, 2 * from, T, H, W]` to `[B, 2 * to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let Residual2d {
            at_0: norm1,
            at_2: conv1,
            at_3: norm2,
            at_6: conv2,
        } = &self.residual;
        let h = conv1.forward(silu(norm1.forward(x.clone())));
        let h = conv2.forward(silu(norm2.forward(h)));
        let skip = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        skip + h
    }
}

/// Any layer of a numbered stack.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a model has a few dozen layers, and each holds megabytes elsewhere"
)]
pub(crate) enum Layer {
    Block3d(Block3d),
    Block2d(Block2d),
    Attention(SeparateAttention),
    Down(Down),
    Up(Up),
}

/// Runs a stack in order.
pub(crate) fn run(stack: &[Layer], x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    stack.iter().fold(x, |x, layer| match layer {
        Layer::Block3d(layer) => layer.forward(x, pass),
        Layer::Block2d(layer) => layer.forward(x),
        Layer::Attention(layer) => layer.forward(x),
        Layer::Down(layer) => layer.forward(x, pass),
        Layer::Up(layer) => layer.forward(x, pass),
    })
}

/// The middle of either half of the model; fields are named after their places in the reference's
/// list.
#[derive(Module, Debug)]
pub(crate) struct Middle {
    at_0: Block2d,
    at_1: SeparateAttention,
    at_2: Block2d,
}

impl Middle {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            at_0: Block2d::new(channels, channels, device),
            at_1: SeparateAttention::new(channels, device),
            at_2: Block2d::new(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, 2 * channels, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.at_2.forward(self.at_1.forward(self.at_0.forward(x)))
    }
}
