//! The 3-D PatchGAN discriminator: which patches of a clip are real.

use burn::module::{Module, Param};
use burn::tensor::activation::leaky_relu;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

use crate::norm::BatchNorm;

const SLOPE: f64 = 0.2;

/// Size of a discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscriminatorConfig {
    /// Channels after the first layer; 64 in the reference.
    pub width: usize,
    /// Normalised layers, at least 1; 4 in the reference.
    pub layers: usize,
}

/// A stack of 3x3x3 convolutions down to one logit for each patch.
///
/// Source: spec/wfvae.md 9.2.
#[derive(Module, Debug)]
pub struct Discriminator {
    pub(crate) first: Conv,
    pub(crate) blocks: Vec<Block>,
    pub(crate) last: Conv,
}

/// Convolution without bias, batch norm, leaky ReLU, dropout.
#[derive(Module, Debug)]
pub(crate) struct Block {
    pub(crate) weight: Param<Tensor<5>>,
    pub(crate) norm: BatchNorm,
    stride: [usize; 3],
}

#[derive(Module, Debug)]
pub(crate) struct Conv {
    pub(crate) weight: Param<Tensor<5>>,
    pub(crate) bias: Param<Tensor<1>>,
    stride: [usize; 3],
}

impl Discriminator {
    /// Fresh weights: convolutions from N(0, 0.02).
    pub fn new(config: &DiscriminatorConfig, device: &Device) -> Self {
        let mut channels = config.width;
        let blocks = (1..=config.layers).map(|n| {
            let input = channels;
            channels = config.width * (1 << n.min(3));
            let stride = match n {
                _ if n == config.layers => [1; 3],
                1 => [2; 3],
                _ => [1, 2, 2],
            };
            Block {
                weight: kernel([channels, input], device),
                norm: BatchNorm::new(channels, device),
                stride,
            }
        });
        let blocks = blocks.collect();
        Self {
            first: Conv::new([config.width, 3], [2; 3], device),
            blocks,
            last: Conv::new([1, channels], [1; 3], device),
        }
    }

    /// Logits by the running statistics, without dropout.
    ///
    /// # Shapes
    /// `clip` is `[B, 3, T, H, W]` in [-1, 1], the result about `[B, 1, T/4, H/16, W/16]` with 4
    /// layers.
    pub fn evaluate(&self, clip: Tensor<5>) -> Tensor<5> {
        let mut x = leaky_relu(self.first.forward(clip), SLOPE);
        for block in &self.blocks {
            x = leaky_relu(block.norm.by_running(block.convolve(x)), SLOPE);
        }
        self.last.forward(x)
    }

    /// Logits by the statistics of the batch, which also move the running ones. The reference calls
    /// it so in every step, the autoencoder's too.
    ///
    /// `dropout` gives for a shape what to multiply by: 0 or `1 / (1 - p)`, where the reference's p
    /// is 0.3. Shapes are those of [`Self::evaluate`].
    pub fn train_step(
        &mut self,
        clip: Tensor<5>,
        mut dropout: impl FnMut([usize; 5]) -> Option<Tensor<5>>,
    ) -> Tensor<5> {
        let mut x = leaky_relu(self.first.forward(clip), SLOPE);
        for block in &mut self.blocks {
            let features = block.convolve(x);
            x = leaky_relu(block.norm.by_batch(features), SLOPE);
            if let Some(factors) = dropout(x.dims()) {
                x = x * factors;
            }
        }
        self.last.forward(x)
    }
}

impl Block {
    fn convolve(&self, x: Tensor<5>) -> Tensor<5> {
        let bias = Tensor::zeros([self.weight.dims()[0]], &x.device());
        convolve(x, self.weight.val(), bias, self.stride)
    }
}

impl Conv {
    fn new([output, input]: [usize; 2], stride: [usize; 3], device: &Device) -> Self {
        // PyTorch's default for biases.
        let bound = 1.0 / ((input * 27) as f64).sqrt();
        let bias = Tensor::random([output], Distribution::Uniform(-bound, bound), device);
        Self {
            weight: kernel([output, input], device),
            bias: Param::from_tensor(bias),
            stride,
        }
    }

    fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        convolve(x, self.weight.val(), self.bias.val(), self.stride)
    }
}

fn kernel([output, input]: [usize; 2], device: &Device) -> Param<Tensor<5>> {
    let normal = Distribution::Normal(0.0, 0.02);
    Param::from_tensor(Tensor::random([output, input, 3, 3, 3], normal, device))
}

fn convolve(x: Tensor<5>, weight: Tensor<5>, bias: Tensor<1>, stride: [usize; 3]) -> Tensor<5> {
    if stride == [1; 3] {
        return conv3d::conv3d(x, weight, bias, [1; 3]);
    }
    let options = ConvOptions::new(stride, [1; 3], [1; 3], 1);
    burn::tensor::module::conv3d(x, weight, Some(bias), options)
}
