//! Frames stacked along the channels, and taken apart again. Source: spec/taehv.md 1.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::conv::{FrameConv, Kind};
use super::frames::TIME;
use crate::blocks::repeat;

const HEIGHT: usize = 3;
const WIDTH: usize = 4;

/// Makes one frame of `stride` frames; of one it is a linear layer all the same.
#[derive(Module, Debug)]
pub(crate) struct Pool {
    conv: FrameConv,
    stride: usize,
}

impl Pool {
    pub(crate) fn new(width: usize, stride: usize, device: &Device) -> Self {
        let point = Kind::POINT.without_bias();
        Self {
            conv: FrameConv::new(stride * width, width, point, device),
            stride,
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T/stride, H, W]`, earliest frames in the first channels.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let [batch, channels, frames, height, width] = x.dims();
        let stride = self.stride;
        let stacked = x
            .reshape([batch, channels, frames / stride, stride, height, width])
            .permute([0, 3, 1, 2, 4, 5])
            .reshape([batch, stride * channels, frames / stride, height, width]);
        self.conv.forward(stacked)
    }
}

/// Makes `stride` frames of one, of which a preview keeps the last alone; then doubles rows and
/// columns. (The reference doubles first: the same numbers at four times the work.)
#[derive(Module, Debug)]
pub(crate) struct Grow {
    conv: FrameConv,
    stride: usize,
    /// Frames that are kept, the last ones.
    kept: usize,
    /// Whether rows and columns double.
    doubles: bool,
}

impl Grow {
    pub(crate) fn new(width: usize, stride: usize, device: &Device) -> Self {
        let point = Kind::POINT.without_bias();
        Self {
            conv: FrameConv::new(width, stride * width, point, device),
            stride,
            kept: stride,
            doubles: false,
        }
    }

    /// A preview's: one frame of each.
    pub(crate) fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// One that doubles rows and columns.
    pub(crate) fn doubling(self, doubles: bool) -> Self {
        Self { doubles, ..self }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, kept T, H, W]`, or `2H` and `2W`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let [batch, channels, frames, height, width] = x.dims();
        let x = self.conv.forward(x);
        let x = x.narrow(
            1,
            (self.stride - self.kept) * channels,
            self.kept * channels,
        );
        let x = x
            .reshape([batch, self.kept, channels, frames, height, width])
            .permute([0, 2, 3, 1, 4, 5])
            .reshape([batch, channels, frames * self.kept, height, width]);
        debug_assert_eq!(x.dims()[TIME], frames * self.kept);
        if self.doubles {
            repeat(repeat(x, HEIGHT), WIDTH)
        } else {
            x
        }
    }
}
