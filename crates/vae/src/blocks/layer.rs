//! Numbered stacks of layers, as the references' parameter names count them.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Attention, Conv2d, Down2d, Down3d, Resnet2d, Resnet3d, Up2d, Up3d};
use crate::pass::Pass;

/// Any layer that can stand in a stack.
#[derive(Module, Debug)]
pub(crate) enum Layer {
    Conv2d(Conv2d),
    Resnet2d(Resnet2d),
    Resnet3d(Resnet3d),
    Attention(Attention),
    Down2d(Down2d),
    Down3d(Down3d),
    Up2d(Up2d),
    Up3d(Up3d),
}

impl Layer {
    fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        match self {
            Self::Conv2d(layer) => layer.forward(x),
            Self::Resnet2d(layer) => layer.forward(x),
            Self::Resnet3d(layer) => layer.forward(x, pass),
            Self::Attention(layer) => layer.forward(x, pass),
            Self::Down2d(layer) => layer.forward(x),
            Self::Down3d(layer) => layer.forward(x, pass),
            Self::Up2d(layer) => layer.forward(x),
            Self::Up3d(layer) => layer.forward(x, pass),
        }
    }
}

/// Runs a stack in order.
pub(crate) fn run(stack: &[Layer], x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    stack.iter().fold(x, |x, layer| layer.forward(x, pass))
}
