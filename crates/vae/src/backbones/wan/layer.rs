//! Residual blocks, and what stands between them. Source: spec/wanvae.md 1.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::sampling::{Down, Up};
use crate::blocks::{Kernel3d, QkvAttention, RmsNorm};
use crate::pass::Pass;

/// The part of a block that is added; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
struct Residual {
    at_0: RmsNorm,
    at_2: Kernel3d,
    at_3: RmsNorm,
    at_6: Kernel3d,
}

/// A residual block.
#[derive(Module, Debug)]
pub(crate) struct Block {
    residual: Residual,
    shortcut: Option<Kernel3d>,
}

impl Block {
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        Self {
            residual: Residual {
                at_0: RmsNorm::new(from, 1, device),
                at_2: Kernel3d::new(from, to, [3; 3], device),
                at_3: RmsNorm::new(to, 1, device),
                at_6: Kernel3d::new(to, to, [3; 3], device),
            },
            shortcut: (from != to).then(|| Kernel3d::new(from, to, [1; 3], device)),
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let Residual {
            at_0: norm1,
            at_2: conv1,
            at_3: norm2,
            at_6: conv2,
        } = &self.residual;
        let h = conv1.forward_causal(silu(norm1.forward(x.clone())), pass);
        let h = conv2.forward_causal(silu(norm2.forward(h)), pass);
        let skip = match &self.shortcut {
            Some(shortcut) => shortcut.forward_causal(x, pass),
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
    Block(Block),
    Down(Down),
    Up(Up),
}

/// Runs a stack in order.
pub(crate) fn run(stack: &[Layer], x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    stack.iter().fold(x, |x, layer| match layer {
        Layer::Block(layer) => layer.forward(x, pass),
        Layer::Down(layer) => layer.forward(x, pass),
        Layer::Up(layer) => layer.forward(x, pass),
    })
}

/// The middle of either half; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
pub(crate) struct Middle {
    pub(super) at_0: Block,
    pub(super) at_1: QkvAttention,
    pub(super) at_2: Block,
}

impl Middle {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            at_0: Block::new(channels, channels, device),
            at_1: QkvAttention::new(channels, device),
            at_2: Block::new(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self.at_1.forward(self.at_0.forward(x, pass));
        self.at_2.forward(h, pass)
    }
}

/// The end of either half; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
pub(crate) struct Head {
    at_0: RmsNorm,
    at_2: Kernel3d,
}

impl Head {
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        Self {
            at_0: RmsNorm::new(from, 1, device),
            at_2: Kernel3d::new(from, to, [3; 3], device),
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.at_2.forward_causal(silu(self.at_0.forward(x)), pass)
    }
}
