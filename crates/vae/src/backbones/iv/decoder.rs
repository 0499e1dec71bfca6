//! The decoder. Source: spec/ivvae.md 4.

use burn::module::Module;
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::attention::SeparateAttention;
use super::block::{Block2d, Block3d, Layer, Middle, Separate2d, norm, run};
use super::config::IvConfig;
use super::halves::{GROUP, RGB, TIME, halves};
use super::sampling::Up;
use super::separate::Separate3d;
use crate::blocks::RmsNorm;
use crate::pass::Pass;

/// The end of the decoder; fields are named after their places in the reference's list.
#[derive(Module, Debug)]
pub(super) struct Head {
    at_0: RmsNorm,
    at_2: Separate3d,
}

impl Head {
    /// # Shapes
    /// `[B, 2C, T, H, W]` to the pictures of either half, `[B, 6, T, H, W]`.
    pub(super) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.at_2.forward(silu(self.at_0.forward(x)), pass)
    }
}

/// Latent to clip; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    pub(super) conv1: Separate2d,
    pub(super) middle: Middle,
    pub(super) upsamples: Vec<Layer>,
    pub(super) head: Head,
}

impl Decoder {
    pub(crate) fn new(config: &IvConfig, channels: usize, device: &Device) -> Self {
        let [stages @ .., top] = config.widths();
        let blocks = config.num_res_blocks + 1;
        let mut upsamples = Vec::new();
        for _ in 0..blocks {
            upsamples.push(Layer::Block2d(Block2d::new(top, top, device)));
            upsamples.push(Layer::Attention(SeparateAttention::new(top, device)));
        }
        let (mut width, mut group) = (top, 1);
        let samplers = IvConfig::TEMPORAL_DOWNSAMPLE.into_iter().rev();
        for (to, temporal) in stages.into_iter().rev().zip(samplers) {
            upsamples.push(Layer::Up(Up::new(width, temporal, device)));
            width /= 2;
            if temporal {
                group *= 2;
            }
            for _ in 0..blocks {
                upsamples.push(Layer::Block3d(Block3d::new(width, to, group, device)));
                width = to;
            }
        }
        Self {
            conv1: Separate2d::new(channels / 2, top, 3, device),
            middle: Middle::new(top, device),
            upsamples,
            head: Head {
                at_0: norm(width, device),
                at_2: Separate3d::new(2 * width, RGB, GROUP, device),
            },
        }
    }

    /// # Shapes
    /// `[B, C, T', H', W']` to an unclamped clip `[B, 3, T, 8H', 8W']`.
    pub(crate) fn forward(&self, latent: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self.middle.forward(self.conv1.forward(latent));
        let h = run(&self.upsamples, h, pass);
        let h = self.head.forward(h, pass);

        let [keyframe, motion] = halves(h);
        let total = keyframe.dims()[TIME];
        pass.behind_first(keyframe, |keyframe, _| {
            let rest = keyframe.dims()[TIME];
            every_fourth(keyframe, motion.narrow(TIME, total - rest, rest))
        })
    }
}

/// The first frame of each group from the keyframe half, the others from the motion half.
fn every_fourth(keyframe: Tensor<5>, motion: Tensor<5>) -> Tensor<5> {
    const WITHIN: usize = 3;
    let shape = keyframe.dims();
    let [batch, channels, frames, height, width] = shape;
    let grouped = [batch, channels, frames / GROUP, GROUP, height, width];
    let first = keyframe.reshape(grouped).narrow(WITHIN, 0, 1);
    let others = motion.reshape(grouped).narrow(WITHIN, 1, GROUP - 1);
    Tensor::cat(vec![first, others], WITHIN).reshape(shape)
}
