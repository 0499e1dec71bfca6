//! The encoder's layers. Source: spec/taehv.md 2.

use burn::tensor::Device;

use super::block::MemoryBlock;
use super::config::TaehvConfig;
use super::conv::{FrameConv, Kind};
use super::layer::{Layer, Plain};
use super::time::Pool;

/// Memory blocks of a stage.
pub(crate) const BLOCKS: usize = 3;
const RGB: usize = 3;

/// The numbered layers: three stages that pool frames, halve sides and run three blocks.
pub(crate) fn layers(config: &TaehvConfig, channels: usize, device: &Device) -> Vec<Layer> {
    let width = config.encoder_width;
    let conv = |from, to, kind| Layer::Conv(FrameConv::new(from, to, kind, device));
    let halving = Kind {
        stride: 2,
        ..Kind::PLAIN.without_bias()
    };
    let colours = RGB * config.patch_size * config.patch_size;
    let mut layers = vec![conv(colours, width, Kind::PLAIN), Plain::Relu.into()];
    for stride in config.time_strides() {
        layers.push(Layer::Pool(Pool::new(width, stride, device)));
        layers.push(conv(width, width, halving));
        let block = || Layer::Memory(MemoryBlock::new(width, width, device));
        layers.extend(std::iter::repeat_with(block).take(BLOCKS));
    }
    layers.push(conv(width, channels, Kind::PLAIN));
    layers
}
