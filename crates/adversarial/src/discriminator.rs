//! PatchGAN discriminators: which patches of a clip are real.

use burn::module::{Module, Param};
use burn::tensor::activation::leaky_relu;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

use crate::norm::BatchNorm;

#[cfg(test)]
mod tests;

const SLOPE: f64 = 0.2;

/// What a patch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// A part of a few frames: 3x3x3 kernels, as for WF-VAE. Source: spec/wfvae.md 9.2.
    Volume,
    /// A part of one frame: 4x4 kernels, as for LeanVAE. Source: spec/leanvae.md 9.
    Frame,
}

/// Kind and size of a discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiscriminatorConfig {
    /// What it judges.
    pub patch: Patch,
    /// Channels after the first layer; 64 in the references.
    pub width: usize,
    /// Normalised layers, at least 1; 4 in WF-VAE's, 3 in LeanVAE's.
    pub layers: usize,
}

/// A stack of convolutions down to one logit for each patch.
#[derive(Module, Debug)]
pub struct Discriminator {
    pub(crate) first: Conv,
    pub(crate) blocks: Vec<Block>,
    pub(crate) last: Conv,
    #[module(skip)]
    pub(crate) patch: Patch,
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

impl Patch {
    fn kernel(self) -> [usize; 3] {
        match self {
            Self::Volume => [3; 3],
            Self::Frame => [1, 4, 4],
        }
    }

    fn first_stride(self) -> [usize; 3] {
        match self {
            Self::Volume => [2; 3],
            Self::Frame => [1, 2, 2],
        }
    }

    /// Of the n-th normalised layer, counted from 1.
    fn stride(self, n: usize, layers: usize) -> [usize; 3] {
        match (self, n) {
            _ if n == layers => [1; 3],
            (Self::Volume, 1) => [2; 3],
            _ => [1, 2, 2],
        }
    }
}

impl Discriminator {
    /// Fresh weights: convolutions from N(0, 0.02).
    pub fn new(config: &DiscriminatorConfig, device: &Device) -> Self {
        let patch = config.patch;
        let mut channels = config.width;
        let blocks = (1..=config.layers).map(|n| {
            let input = channels;
            channels = config.width * (1 << n.min(3));
            Block {
                weight: kernel([channels, input], patch, device),
                norm: BatchNorm::new(channels, device),
                stride: patch.stride(n, config.layers),
            }
        });
        let blocks = blocks.collect();
        Self {
            first: Conv::new([config.width, 3], patch, patch.first_stride(), device),
            blocks,
            last: Conv::new([1, channels], patch, [1; 3], device),
            patch,
        }
    }

    /// Logits by the running statistics, without dropout.
    ///
    /// # Shapes
    /// `clip` is `[B, 3, T, H, W]` in [-1, 1] (LeanVAE's in [-0.5, 0.5]). The result is about
    /// `[B, 1, T/4, H/16, W/16]` with 4 layers on volumes, `[B, 1, T, H/8, W/8]` with 3 on frames.
    pub fn evaluate(&self, clip: Tensor<5>) -> Tensor<5> {
        let mut x = leaky_relu(self.first.forward(clip), SLOPE);
        for block in &self.blocks {
            x = leaky_relu(block.norm.by_running(block.convolve(x)), SLOPE);
        }
        self.last.forward(x)
    }

    /// Logits by the statistics of the batch, which also move the running ones. The references
    /// call it so in every step, the autoencoder's too.
    ///
    /// `dropout` gives for a shape what to multiply by: 0 or `1 / (1 - p)`, where WF-VAE's p is
    /// 0.3; LeanVAE has none. Shapes are those of [`Self::evaluate`].
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

    /// Takes over the running statistics of another discriminator of the same size.
    pub fn adopt_statistics(&mut self, other: &Self) {
        for (own, others) in self.blocks.iter_mut().zip(&other.blocks) {
            own.norm.running_mean = others.norm.running_mean.clone();
            own.norm.running_var = others.norm.running_var.clone();
        }
    }
}

impl Block {
    fn convolve(&self, x: Tensor<5>) -> Tensor<5> {
        let bias = Tensor::zeros([self.weight.dims()[0]], &x.device());
        convolve(x, self.weight.val(), bias, self.stride)
    }
}

impl Conv {
    fn new([output, input]: [usize; 2], patch: Patch, stride: [usize; 3], device: &Device) -> Self {
        // PyTorch's default for biases.
        let fan_in = input * patch.kernel().iter().product::<usize>();
        let bound = 1.0 / (fan_in as f64).sqrt();
        let bias = Tensor::random([output], Distribution::Uniform(-bound, bound), device);
        Self {
            weight: kernel([output, input], patch, device),
            bias: Param::from_tensor(bias),
            stride,
        }
    }

    fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        convolve(x, self.weight.val(), self.bias.val(), self.stride)
    }
}

fn kernel([output, input]: [usize; 2], patch: Patch, device: &Device) -> Param<Tensor<5>> {
    let [t, h, w] = patch.kernel();
    let normal = Distribution::Normal(0.0, 0.02);
    Param::from_tensor(Tensor::random([output, input, t, h, w], normal, device))
}

/// Both kinds of kernel are padded by one zero wherever they are wider than 1.
fn convolve(x: Tensor<5>, weight: Tensor<5>, bias: Tensor<1>, stride: [usize; 3]) -> Tensor<5> {
    let [_, _, depth, _, _] = weight.dims();
    let padding = [depth / 2, 1, 1];
    if stride == [1; 3] {
        return conv3d::conv3d(x, weight, bias, padding);
    }
    let options = ConvOptions::new(stride, padding, [1; 3], 1);
    burn::tensor::module::conv3d(x, weight, Some(bias), options)
}
