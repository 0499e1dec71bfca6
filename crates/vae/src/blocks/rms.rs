//! Root-mean-square normalisation of the channel vector of every position.
//! Source: spec/wanvae.md 1, spec/ivvae.md 1.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::in_f32;

/// Shorter vectors than this, squared, are divided by it.
const LEAST_SQUARE: f64 = 1e-24;

/// For clips: its scale is `[C, 1, 1, 1]`. The channels are in one part or two, each normalised for
/// itself.
#[derive(Module, Debug)]
pub(crate) struct RmsNorm {
    gamma: Param<Tensor<4>>,
    parts: usize,
}

impl RmsNorm {
    pub(crate) fn new(channels: usize, parts: usize, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels, 1, 1, 1], device)),
            parts,
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        normalise(x, self.parts) * self.gamma.val().unsqueeze_dim::<5>(0)
    }
}

/// The same inside attention, where the scale is `[C, 1, 1]`.
#[derive(Module, Debug)]
pub(crate) struct FrameRmsNorm {
    gamma: Param<Tensor<3>>,
}

impl FrameRmsNorm {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            gamma: Param::from_tensor(Tensor::ones([channels, 1, 1], device)),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let gamma = self.gamma.val().unsqueeze_dim::<4>(3);
        normalise(x, 1) * gamma.unsqueeze_dim::<5>(0)
    }
}

/// Every part's vectors in units of their root mean square.
fn normalise(x: Tensor<5>, parts: usize) -> Tensor<5> {
    let shape = x.dims();
    let [batch, channels, frames, height, width] = shape;
    let part = channels / parts;
    let x = x.reshape([batch, parts, part, frames, height * width]);
    let normalised = in_f32(x, |x| {
        // The bound is below the root, where a vector of zeros has a gradient.
        let squares = x.clone().square().sum_dim(2).clamp_min(LEAST_SQUARE);
        let root = squares.sqrt().div_scalar((part as f64).sqrt());
        x / root
    });
    normalised.reshape(shape)
}
