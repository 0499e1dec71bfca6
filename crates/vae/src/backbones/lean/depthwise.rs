//! The depthwise convolution: the only place where tokens meet. Source: spec/leanvae.md 3 and 7.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Distribution, Tensor};

use crate::pass::Pass;

/// Frames in front of each that a convolution sees; frames are axis 1 here.
const BEFORE: usize = 2;
const TIME: usize = 1;

/// The kernel; its own level in parameter names.
#[derive(Module, Debug)]
struct Kernel {
    weight: Param<Tensor<5>>,
    bias: Param<Tensor<1>>,
}

/// A 3x3x3 convolution of every channel for itself, causal in time.
#[derive(Module, Debug)]
pub(crate) struct Depthwise {
    ds_conv: Kernel,
}

impl Depthwise {
    /// Xavier-uniform weights.
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        let bound = (6.0 / (27 + 27 * channels) as f64).sqrt();
        let uniform = Distribution::Uniform(-bound, bound);
        let weight = Tensor::random([channels, 1, 3, 3, 3], uniform, device);
        Self {
            ds_conv: Kernel {
                weight: Param::from_tensor(weight),
                bias: Param::from_tensor(Tensor::zeros([channels], device)),
            },
        }
    }

    /// # Shapes
    /// `[B, T, H, W, C]` to the same; before the clip there are zeros.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let kernel = &self.ds_conv;
        let x = pass.after_zeros(self.id(), x, TIME, BEFORE);
        conv3d::depthwise(x, kernel.weight.val(), kernel.bias.val())
    }

    /// Stable identity of this layer: the key of its state in a stream.
    pub(super) fn id(&self) -> ParamId {
        self.ds_conv.weight.id
    }
}
