//! The encoder. Source: spec/ivvae.md 4.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::attention::SeparateAttention;
use super::block::{Block2d, Block3d, Layer, Middle, norm, run};
use super::config::IvConfig;
use super::halves::{GROUP, RGB};
use super::pyramid::Pyramid;
use super::sampling::Down;
use super::separate::Separate3d;
use crate::blocks::RmsNorm;
use crate::pass::Pass;

/// The end of the encoder; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
pub(super) struct Head {
    at_0: RmsNorm,
    at_2: Pyramid,
}

impl Head {
    /// # Shapes
    /// `[B, 2 * width, T', H', W']` to `[B, 2C, T', H', W']`.
    pub(super) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.at_2.forward(silu(self.at_0.forward(x)))
    }
}

/// Clip to moments; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Encoder {
    pub(super) conv1: Separate3d,
    pub(super) downsamples: Vec<Layer>,
    pub(super) middle: Middle,
    pub(super) head: Head,
}

impl Encoder {
    pub(crate) fn new(config: &IvConfig, channels: usize, device: &Device) -> Self {
        let [stages @ .., top] = config.widths();
        let mut group = GROUP;
        let mut width = config.dim;
        let mut downsamples = Vec::new();
        for (to, temporal) in stages.into_iter().zip(IvConfig::TEMPORAL_DOWNSAMPLE) {
            for _ in 0..config.num_res_blocks {
                downsamples.push(Layer::Block3d(Block3d::new(width, to, group, device)));
                width = to;
            }
            downsamples.push(Layer::Down(Down::new(width, temporal, device)));
            if temporal {
                group /= 2;
            }
        }
        // One frame is a group now.
        downsamples.push(Layer::Attention(SeparateAttention::new(width, device)));
        for _ in 0..config.num_res_blocks {
            downsamples.push(Layer::Block2d(Block2d::new(width, top, device)));
            downsamples.push(Layer::Attention(SeparateAttention::new(top, device)));
            width = top;
        }
        Self {
            conv1: Separate3d::new(RGB, config.dim, GROUP, device),
            downsamples,
            middle: Middle::new(top, device),
            head: Head {
                at_0: norm(top, device),
                at_2: Pyramid::new(top, channels, device),
            },
        }
    }

    /// # Shapes
    /// `[B, 3, T, H, W]` in -1..1 to `[B, 2C, T', H/8, W/8]`.
    pub(crate) fn forward(&self, clip: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self.conv1.forward(clip, pass);
        let h = run(&self.downsamples, h, pass);
        self.head.forward(self.middle.forward(h))
    }
}
