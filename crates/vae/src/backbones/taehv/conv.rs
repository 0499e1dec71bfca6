//! Convolutions of single frames, with and without a bias. Source: spec/taehv.md 1.

use burn::module::{Module, Param};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

use crate::blocks::drawn_when_used;

/// How a frame's convolution differs from a plain one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Rows and columns of the kernel; its padding leaves sizes as they are.
    pub(crate) kernel: usize,
    /// Positions to a step.
    pub(crate) stride: usize,
    /// Groups of channels that do not see each other.
    pub(crate) groups: usize,
    pub(crate) bias: bool,
}

impl Kind {
    /// 3x3 with a bias.
    pub(crate) const PLAIN: Self = Self {
        kernel: 3,
        stride: 1,
        groups: 1,
        bias: true,
    };
    /// 1x1 with a bias.
    pub(crate) const POINT: Self = Self {
        kernel: 1,
        ..Self::PLAIN
    };

    /// The same without a bias.
    pub(crate) const fn without_bias(self) -> Self {
        Self {
            bias: false,
            ..self
        }
    }
}

/// A convolution of every frame by itself, zero padding.
#[derive(Module, Debug)]
pub(crate) struct FrameConv {
    weight: Param<Tensor<4>>,
    bias: Option<Param<Tensor<1>>>,
    stride: usize,
    groups: usize,
}

impl FrameConv {
    pub(crate) fn new(from: usize, to: usize, kind: Kind, device: &Device) -> Self {
        let Kind {
            kernel,
            stride,
            groups,
            bias,
        } = kind;
        let fan_in = from / groups * kernel * kernel;
        let bound = 1.0 / (fan_in as f64).sqrt();
        let uniform = Distribution::Uniform(-bound, bound);
        let shape = [to, from / groups, kernel, kernel];
        Self {
            weight: drawn_when_used(shape, uniform, device),
            bias: bias.then(|| drawn_when_used([to], uniform, device)),
            stride,
            groups,
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, ceil(H/stride), ceil(W/stride)]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let weight = self.weight.val().unsqueeze_dim::<5>(2);
        let [to, _, _, kernel, _] = weight.dims();
        let padding = [0, kernel / 2, kernel / 2];
        let bias = match &self.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([to], (&x.device(), x.dtype())),
        };
        if self.stride == 1 && self.groups == 1 {
            return conv3d::conv3d(x, weight, bias, padding);
        }
        let stride = [1, self.stride, self.stride];
        let options = ConvOptions::new(stride, padding, [1; 3], self.groups);
        burn::tensor::module::conv3d(x, weight, Some(bias), options)
    }
}
