//! Linear layers on channels-last tensors.

use burn::module::{Module, Param};
use burn::tensor::module::linear;
use burn::tensor::{Device, Distribution, Tensor};

use crate::blocks::drawn_when_used;

/// Standard deviation of fresh weights. Source: spec/leanvae.md 9.
const DEVIATION: f64 = 0.02;

/// A weight `[C_out, C_in]`, as PyTorch keeps it, for [`project`].
pub(crate) fn fresh_weight(from: usize, to: usize, device: &Device) -> Param<Tensor<2>> {
    drawn_when_used([to, from], Distribution::Normal(0.0, DEVIATION), device)
}

/// `x` times the transpose of `weight`, `[.., C_in]` by `[C_out, C_in]`.
pub(crate) fn project(x: Tensor<5>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<5> {
    linear(x, weight.transpose(), bias)
}

/// A linear layer with bias.
#[derive(Module, Debug)]
pub(crate) struct Linear {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Linear {
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        Self {
            weight: fresh_weight(from, to, device),
            bias: Param::from_tensor(Tensor::zeros([to], device)),
        }
    }

    /// # Shapes
    /// `[B, T, H, W, C_in]` to `[B, T, H, W, C_out]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        project(x, self.weight.val(), Some(self.bias.val()))
    }
}

/// A linear layer without bias.
#[derive(Module, Debug)]
pub(crate) struct Weights {
    weight: Param<Tensor<2>>,
}

impl Weights {
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        Self {
            weight: fresh_weight(from, to, device),
        }
    }

    /// # Shapes
    /// `[B, T, H, W, C_in]` to `[B, T, H, W, C_out]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        project(x, self.weight.val(), None)
    }
}
