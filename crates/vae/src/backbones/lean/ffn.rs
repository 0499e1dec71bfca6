//! The gated feed-forward layer. Source: spec/leanvae.md 3.

use burn::module::{Module, Param};
use burn::tensor::module::layer_norm;
use burn::tensor::{DType, Device, Tensor};

use super::linear::Weights;
use crate::blocks::in_f32;

const EPSILON: f64 = 1e-5;

/// Width between the two linear layers for `channels` channels: two thirds of four times.
pub(crate) fn hidden(channels: usize) -> usize {
    8 * channels / 3
}

/// Normalisation over the channels of every token.
#[derive(Module, Debug)]
struct TokenNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
}

/// Normalise, widen, gate, narrow. Fields are named after places in the reference's list.
#[derive(Module, Debug)]
pub(crate) struct Ffn {
    at_0: TokenNorm,
    at_1: Weights,
    at_4: Weights,
}

impl Ffn {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        let hidden = hidden(channels);
        Self {
            at_0: TokenNorm {
                weight: Param::from_tensor(Tensor::ones([channels], device)),
                bias: Param::from_tensor(Tensor::zeros([channels], device)),
            },
            at_1: Weights::new(channels, 2 * hidden, device),
            at_4: Weights::new(hidden, channels, device),
        }
    }

    /// # Shapes
    /// `[B, T, H, W, C]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let of_norm = |param: &Param<Tensor<1>>| param.val().cast(DType::F32);
        let (weight, bias) = (of_norm(&self.at_0.weight), of_norm(&self.at_0.bias));
        let x = in_f32(x, |x| layer_norm(x, weight, Some(bias), EPSILON));
        self.at_4.forward(conv3d::gated_gelu(self.at_1.forward(x)))
    }
}
