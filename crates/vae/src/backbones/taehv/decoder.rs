//! The decoder's layers, of the three kinds that were published. Source: spec/taehv.md 3.

use burn::tensor::Device;

use super::block::{MemoryBlock, SuperBlock, WideBlock};
use super::config::{DecoderKind, TaehvConfig};
use super::conv::{FrameConv, Kind};
use super::encoder::BLOCKS;
use super::layer::{Layer, Plain};
use super::time::Grow;

const RGB: usize = 3;

/// The numbered layers.
pub(crate) fn layers(config: &TaehvConfig, channels: usize, device: &Device) -> Vec<Layer> {
    match config.decoder {
        DecoderKind::Super => super_layers(config, channels, device),
        DecoderKind::Base | DecoderKind::Wide => plain_layers(config, channels, device),
    }
}

/// Three stages of blocks that double sides, grow frames and narrow.
fn plain_layers(config: &TaehvConfig, channels: usize, device: &Device) -> Vec<Layer> {
    let conv = |from, to, kind| Layer::Conv(FrameConv::new(from, to, kind, device));
    let block = |width| match config.decoder {
        DecoderKind::Wide => Layer::Wide(WideBlock::new(width, device)),
        _ => Layer::Memory(MemoryBlock::new(width, width, device)),
    };
    let [first, .., last] = config.decoder_widths;
    let mut layers = vec![
        Plain::SoftClamp.into(),
        conv(channels, first, Kind::PLAIN),
        Plain::Relu.into(),
    ];
    for (stage, [from, to]) in config.stages().into_iter().enumerate() {
        layers.extend(std::iter::repeat_with(|| block(from)).take(BLOCKS));
        layers.push(Plain::Nothing.into());
        layers.push(Layer::Grow(
            grow(config, stage, from, device).doubling(config.decoder_space_upscale[stage]),
        ));
        layers.push(conv(from, to, Kind::PLAIN.without_bias()));
    }
    layers.push(Plain::Relu.into());
    layers.push(conv(last, colours(config), Kind::PLAIN));
    layers
}

/// The same with other blocks, and sides doubled by shuffled channels before frames grow.
fn super_layers(config: &TaehvConfig, channels: usize, device: &Device) -> Vec<Layer> {
    let conv = |from, to, kind| Layer::Conv(FrameConv::new(from, to, kind, device));
    let [first, .., last] = config.decoder_widths;
    let mut layers = vec![conv(channels, first, Kind::POINT.without_bias())];
    for (stage, [from, to]) in config.stages().into_iter().enumerate() {
        let block = || Layer::Super(SuperBlock::new(from, device));
        layers.extend(std::iter::repeat_with(block).take(BLOCKS));
        layers.push(conv(from, 4 * to, Kind::PLAIN));
        layers.push(Plain::Relu.into());
        layers.push(Plain::Shuffle.into());
        layers.push(Layer::Grow(grow(config, stage, to, device)));
    }
    layers.push(conv(last, colours(config), Kind::PLAIN));
    layers
}

fn grow(config: &TaehvConfig, stage: usize, width: usize, device: &Device) -> Grow {
    let [stride, kept] = config.growth(stage);
    Grow::new(width, stride, device).keeping(kept)
}

fn colours(config: &TaehvConfig) -> usize {
    RGB * config.patch_size * config.patch_size
}
