//! Normalisation: over channels at every position, or over groups of channels.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::in_f32;

const EPSILON: f64 = 1e-6;
const GROUPS: usize = 32;

/// Which normalisation a backbone uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NormKind {
    /// Over the channel vector of every position; the only one that streams exactly.
    LayerNorm,
    /// 32 groups of channels, statistics over time and space.
    GroupNorm,
}

#[derive(Module, Debug)]
pub(crate) struct Affine {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
}

impl Affine {
    fn new(channels: usize, device: &Device) -> Self {
        Self {
            weight: Param::from_tensor(Tensor::ones([channels], device)),
            bias: Param::from_tensor(Tensor::zeros([channels], device)),
        }
    }

    fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let channels = x.dims()[1];
        let weight = self.weight.val().reshape([1, channels, 1, 1, 1]);
        let bias = self.bias.val().reshape([1, channels, 1, 1, 1]);
        x * weight + bias
    }
}

#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    norm: Affine,
}

/// A normalisation layer. Source: spec/wfvae.md 3.1.
#[derive(Module, Debug)]
pub(crate) enum Norm {
    Layer(LayerNorm),
    Group(Affine),
}

impl Norm {
    pub(crate) fn new(kind: NormKind, channels: usize, device: &Device) -> Self {
        let affine = Affine::new(channels, device);
        match kind {
            NormKind::LayerNorm => Self::Layer(LayerNorm { norm: affine }),
            NormKind::GroupNorm => Self::Group(affine),
        }
    }

    /// Normalises a clip; group statistics span its frames.
    ///
    /// # Shapes
    /// `[B, C, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.apply(x, true)
    }

    /// Normalises every frame for itself, as inside 2-D residual blocks.
    pub(crate) fn forward_frames(&self, x: Tensor<5>) -> Tensor<5> {
        self.apply(x, false)
    }

    fn apply(&self, x: Tensor<5>, across_time: bool) -> Tensor<5> {
        match self {
            Self::Layer(layer) => layer.norm.forward(normalise(x, &[1])),
            Self::Group(affine) => {
                let shape = x.dims();
                let [batch, channels, frames, height, width] = shape;
                let grouped = [batch, GROUPS, channels / GROUPS, frames, height * width];
                let axes: &[usize] = if across_time { &[2, 3, 4] } else { &[2, 4] };
                affine.forward(normalise(x.reshape(grouped), axes).reshape(shape))
            }
        }
    }
}

/// Zero mean and unit (biased) variance over the given axes.
fn normalise(x: Tensor<5>, axes: &[usize]) -> Tensor<5> {
    let mean_of = |x: Tensor<5>| axes.iter().fold(x, |x, &axis| x.mean_dim(axis));
    in_f32(x, |x| {
        let centred = x.clone() - mean_of(x);
        let variance = mean_of(centred.clone() * centred.clone());
        centred / (variance + EPSILON).sqrt()
    })
}
