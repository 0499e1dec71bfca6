//! The encoder. Source: spec/wanvae.md 2.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::WanConfig;
use super::layer::{Block, Head, Layer, Middle, run};
use super::sampling::Down;
use crate::blocks::Kernel3d;
use crate::pass::Pass;

const RGB: usize = 3;

/// Clip to moments; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Encoder {
    pub(super) conv1: Kernel3d,
    pub(super) downsamples: Vec<Layer>,
    pub(super) middle: Middle,
    pub(super) head: Head,
}

impl Encoder {
    pub(crate) fn new(config: &WanConfig, channels: usize, device: &Device) -> Self {
        let mut width = config.dim;
        let mut downsamples = Vec::new();
        for (stage, mult) in config.dim_mult.iter().enumerate() {
            for _ in 0..config.num_res_blocks {
                let to = config.dim * mult;
                downsamples.push(Layer::Block(Block::new(width, to, device)));
                width = to;
            }
            if let Some(temporal) = config.temporal_downsample.get(stage) {
                downsamples.push(Layer::Down(Down::new(width, *temporal, device)));
            }
        }
        Self {
            conv1: Kernel3d::new(RGB, config.dim, [3; 3], device),
            downsamples,
            middle: Middle::new(width, device),
            head: Head::new(width, 2 * channels, device),
        }
    }

    /// # Shapes
    /// `[B, 3, T, H, W]` in -1..1 to `[B, 2C, T', H/8, W/8]`.
    pub(crate) fn forward(&self, clip: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self.conv1.forward_causal(clip, pass);
        let h = run(&self.downsamples, h, pass);
        let h = self.middle.forward(h, pass);
        self.head.forward(h, pass)
    }
}
