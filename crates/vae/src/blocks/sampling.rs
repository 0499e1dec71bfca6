//! Down- and up-samplers.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Conv2d, Conv3d};
use crate::pass::{Pass, TemporalRule};

const TIME: usize = 2;
const HEIGHT: usize = 3;
const WIDTH: usize = 4;

/// How the 3-D up-sampler doubles frames. Rows and columns are always interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Interpolation {
    /// Linear, half-pixel centres, clamped at the ends.
    Trilinear,
    /// Every frame twice.
    Nearest,
}

/// Halves rows and columns. Source: spec/wfvae.md 3.5.
#[derive(Module, Debug)]
pub(crate) struct Down2d {
    conv: Conv2d,
}

impl Down2d {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            conv: Conv2d::new(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T, H/2, W/2]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.conv.forward_stride2(pad_right_bottom(x))
    }
}

/// Halves frames, rows and columns. Source: spec/wfvae.md 3.5, spec/lcvae.md 2.2.
#[derive(Module, Debug)]
pub(crate) struct Down3d {
    conv: Conv3d,
}

impl Down3d {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            conv: Conv3d::new(channels, channels, 3, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, ceil(T/2), H/2, W/2]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.conv.forward_stride2(pad_right_bottom(x), pass)
    }
}

/// Doubles rows and columns by repetition. Source: spec/wfvae.md 3.6.
#[derive(Module, Debug)]
pub(crate) struct Up2d {
    conv: Conv2d,
}

impl Up2d {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            conv: Conv2d::new(channels, channels, device),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T, 2H, 2W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.conv.forward(repeat(repeat(x, HEIGHT), WIDTH))
    }
}

/// Doubles frames, rows and columns. Source: spec/wfvae.md 3.6 and 7.4, spec/lcvae.md 2.3.
#[derive(Module, Debug)]
pub(crate) struct Up3d {
    conv: Conv3d,
    #[module(skip)]
    interpolation: Interpolation,
}

impl Up3d {
    pub(crate) fn new(channels: usize, interpolation: Interpolation, device: &Device) -> Self {
        Self {
            conv: Conv3d::new(channels, channels, 3, device),
            interpolation,
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T', 2H, 2W]`; T' is `2T-1` where the first frame stands apart
    /// (causal; symmetric with T odd) and `2T` otherwise.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let x = match pass.rule() {
            TemporalRule::Symmetric if x.dims()[TIME].is_multiple_of(2) => self.double_frames(x),
            TemporalRule::Symmetric => self.double_all_but_first(x),
            TemporalRule::Causal => self.double_in_stream(x, pass),
        };
        let x = interpolate(interpolate(x, HEIGHT), WIDTH);
        self.conv.forward(x, pass)
    }

    fn double_in_stream(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let id = self.conv.id();
        let first = pass.is_first();
        let previous = pass.swap_last_frame(id, &x);
        pass.double_look_ahead();
        match previous {
            _ if first => self.double_all_but_first(x),
            None => self.double_frames(x),
            Some(frame) => {
                let doubled = self.double_frames(Tensor::cat(vec![frame, x], TIME));
                let frames = doubled.dims()[TIME];
                doubled.narrow(TIME, 2, frames - 2)
            }
        }
    }

    fn double_all_but_first(&self, x: Tensor<5>) -> Tensor<5> {
        let frames = x.dims()[TIME];
        if frames == 1 {
            return x;
        }
        let first = x.clone().narrow(TIME, 0, 1);
        let rest = self.double_frames(x.narrow(TIME, 1, frames - 1));
        Tensor::cat(vec![first, rest], TIME)
    }

    fn double_frames(&self, x: Tensor<5>) -> Tensor<5> {
        match self.interpolation {
            Interpolation::Trilinear => interpolate(x, TIME),
            Interpolation::Nearest => repeat(x, TIME),
        }
    }
}

pub(super) fn pad_right_bottom(x: Tensor<5>) -> Tensor<5> {
    let (device, dtype) = (x.device(), x.dtype());
    let zeros = |shape: [usize; 5]| Tensor::zeros(shape, (&device, dtype));
    let mut column = x.dims();
    column[WIDTH] = 1;
    let x = Tensor::cat(vec![x, zeros(column)], WIDTH);
    let mut row = x.dims();
    row[HEIGHT] = 1;
    Tensor::cat(vec![x, zeros(row)], HEIGHT)
}

/// Doubles `dim` by repeating every entry.
pub(crate) fn repeat(x: Tensor<5>, dim: usize) -> Tensor<5> {
    interleave(x.clone(), x, dim)
}

/// Doubles `dim` linearly: a quarter of the neighbour and three quarters of the entry itself.
fn interpolate(x: Tensor<5>, dim: usize) -> Tensor<5> {
    let len = x.dims()[dim];
    let near = x.clone().mul_scalar(0.75);
    let far = x.mul_scalar(0.25);
    let first = far.clone().narrow(dim, 0, 1);
    let last = far.clone().narrow(dim, len - 1, 1);
    let (before, after) = if len == 1 {
        (first, last)
    } else {
        let before = Tensor::cat(vec![first, far.clone().narrow(dim, 0, len - 1)], dim);
        let after = Tensor::cat(vec![far.narrow(dim, 1, len - 1), last], dim);
        (before, after)
    };
    interleave(before + near.clone(), near + after, dim)
}

/// Alternates the entries of two tensors along `dim`.
pub(crate) fn interleave(even: Tensor<5>, odd: Tensor<5>, dim: usize) -> Tensor<5> {
    let mut dims = even.dims();
    dims[dim] *= 2;
    Tensor::stack::<6>(vec![even, odd], dim + 1).reshape(dims)
}
