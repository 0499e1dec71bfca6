//! The numbered layers of either half.

use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;

use super::block::{MemoryBlock, SuperBlock, WideBlock};
use super::conv::FrameConv;
use super::patch::pixels;
use super::time::{Grow, Pool};
use crate::pass::Pass;

/// Where the soft clamp levels off.
const CLAMP: f64 = 3.0;

/// A layer without weights.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plain {
    Relu,
    /// `3 tanh(x / 3)`.
    SoftClamp,
    /// Four channels become four pixels.
    Shuffle,
    /// Its place is taken by a layer behind it.
    Nothing,
}

/// A [`Plain`] layer as a module.
#[derive(Module, Debug)]
pub(crate) struct PlainLayer {
    #[module(skip)]
    kind: Plain,
}

/// Any layer of a numbered stack.
#[derive(Module, Debug)]
pub(crate) enum Layer {
    Conv(FrameConv),
    Memory(MemoryBlock),
    Super(SuperBlock),
    Wide(WideBlock),
    Pool(Pool),
    Grow(Grow),
    Plain(PlainLayer),
}

impl From<Plain> for Layer {
    fn from(kind: Plain) -> Self {
        Self::Plain(PlainLayer { kind })
    }
}

impl Layer {
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        match self {
            Self::Conv(layer) => layer.forward(x),
            Self::Memory(layer) => layer.forward(x, pass),
            Self::Super(layer) => layer.forward(x, pass),
            Self::Wide(layer) => layer.forward(x, pass),
            Self::Pool(layer) => layer.forward(x),
            Self::Grow(layer) => layer.forward(x),
            Self::Plain(layer) => layer.kind.apply(x),
        }
    }
}

impl Plain {
    fn apply(self, x: Tensor<5>) -> Tensor<5> {
        match self {
            Self::Relu => relu(x),
            Self::SoftClamp => (x / CLAMP).tanh() * CLAMP,
            Self::Shuffle => pixels(x, 2),
            Self::Nothing => x,
        }
    }
}

/// Runs a stack in order.
pub(crate) fn run(stack: &[Layer], x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    stack.iter().fold(x, |x, layer| layer.forward(x, pass))
}
