//! The decoder. Source: spec/wanvae.md 2.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::config::WanConfig;
use super::layer::{Block, Head, Layer, Middle, run};
use super::sampling::Up;
use crate::blocks::Kernel3d;
use crate::pass::Pass;

const RGB: usize = 3;

/// Latent to clip; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Decoder {
    pub(super) conv1: Kernel3d,
    pub(super) middle: Middle,
    pub(super) upsamples: Vec<Layer>,
    pub(super) head: Head,
}

impl Decoder {
    pub(crate) fn new(config: &WanConfig, channels: usize, device: &Device) -> Self {
        let [.., last] = config.dim_mult;
        let top = config.dim * last;
        let mut width = top;
        let mut upsamples = Vec::new();
        let samplers = config.temporal_downsample.iter().rev();
        let mut samplers = samplers.copied();
        for mult in config.dim_mult.iter().rev() {
            for _ in 0..config.blocks_per_decoder_stage() {
                let to = config.dim * mult;
                upsamples.push(Layer::Block(Block::new(width, to, device)));
                width = to;
            }
            if let Some(temporal) = samplers.next() {
                upsamples.push(Layer::Up(Up::new(width, temporal, device)));
                width /= 2;
            }
        }
        Self {
            conv1: Kernel3d::new(channels, top, [3; 3], device),
            middle: Middle::new(top, device),
            upsamples,
            head: Head::new(width, RGB, device),
        }
    }

    /// # Shapes
    /// `[B, C, T', H', W']` to an unclamped clip `[B, 3, T, 8H', 8W']`.
    pub(crate) fn forward(&self, latent: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let h = self.conv1.forward_causal(latent, pass);
        let h = self.middle.forward(h, pass);
        let h = run(&self.upsamples, h, pass);
        self.head.forward(h, pass)
    }
}
