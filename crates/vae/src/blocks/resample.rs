//! Rows and columns halved or doubled by a strided or a plain convolution.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::Conv2d;
use super::sampling::{pad_right_bottom, repeat};

const HEIGHT: usize = 3;
const WIDTH: usize = 4;

/// Halves rows and columns. The field is named after its place in the references' list.
/// Source: spec/wanvae.md 1, spec/ivvae.md 3.
#[derive(Module, Debug)]
pub(crate) struct HalveSides {
    at_1: Conv2d,
}

impl HalveSides {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            at_1: Conv2d::new(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T, H/2, W/2]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.at_1.forward_stride2(pad_right_bottom(x))
    }
}

/// Doubles rows and columns by repetition and halves channels. The field is named after its place
/// in the references' list. Source: spec/wanvae.md 1, spec/ivvae.md 3.
#[derive(Module, Debug)]
pub(crate) struct DoubleSides {
    at_1: Conv2d,
}

impl DoubleSides {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            at_1: Conv2d::new(channels, channels / 2, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C/2, T, 2H, 2W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.at_1.forward(repeat(repeat(x, HEIGHT), WIDTH))
    }
}
