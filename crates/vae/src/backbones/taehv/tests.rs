//! Single blocks, and every layer of a narrow model, against the reference.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::tensor::{Device, Tensor};

use super::Taehv;
use super::block::{MemoryBlock, SuperBlock};
use super::conv::{FrameConv, Kind};
use super::frames::filled;
use super::layer::{Layer, Plain};
use super::patch::{patches, pixels};
use super::time::{Grow, Pool};
use crate::autoencoder::Autoencoder;
use crate::backbones::Backbone;
use crate::config::ModelConfig;
use crate::pass::{Pass, TemporalRule};
use crate::test_vectors::Vectors;

const TOLERANCE: f32 = 2e-5;

fn whole() -> Pass<'static> {
    Pass::whole(TemporalRule::Causal)
}

/// The reference has time in front of the channels.
fn frames_second(x: Tensor<5>) -> Tensor<5> {
    x.swap_dims(1, 2)
}

fn check_block(vectors: &Vectors, case: &str, run: impl Fn(Tensor<5>) -> Tensor<5>) {
    let input = frames_second(vectors.tensor(&format!("{case}.x")));
    let found = frames_second(run(input));
    vectors.check(&format!("{case}.y"), found, TOLERANCE);
}

#[test]
fn blocks_with_a_memory() {
    let device = Device::flex();
    let vectors = Vectors::open("taehv/n_blocks");
    let block = vectors.fill(MemoryBlock::new(6, 6, &device), "mem.w.");
    check_block(&vectors, "mem", |x| block.forward(x, &mut whole()));
    let block = vectors.fill(MemoryBlock::new(6, 9, &device), "mem_skip.w.");
    check_block(&vectors, "mem_skip", |x| block.forward(x, &mut whole()));
    let block = vectors.fill(SuperBlock::new(6, &device), "super.w.");
    check_block(&vectors, "super", |x| block.forward(x, &mut whole()));
}

#[test]
fn pools_and_grows() {
    let device = Device::flex();
    let vectors = Vectors::open("taehv/n_blocks");
    for stride in [1, 2] {
        let name = format!("pool{stride}");
        let pool = vectors.fill(Pool::new(6, stride, &device), &format!("{name}.w."));
        check_block(&vectors, &name, |x| pool.forward(x));
        let name = format!("grow{stride}");
        let grow = vectors.fill(Grow::new(6, stride, &device), &format!("{name}.w."));
        check_block(&vectors, &name, |x| grow.forward(x));
    }
}

#[test]
fn sides_halved_doubled_and_shuffled() {
    let device = Device::flex();
    let vectors = Vectors::open("taehv/n_blocks");
    let halving = Kind {
        stride: 2,
        ..Kind::PLAIN.without_bias()
    };
    for case in ["stride2", "stride2_odd"] {
        let conv = vectors.fill(
            FrameConv::new(4, 5, halving, &device),
            &format!("{case}.w."),
        );
        check_block(&vectors, case, |x| conv.forward(x));
    }
    check_block(&vectors, "upsample", |x| {
        crate::blocks::repeat(crate::blocks::repeat(x, 3), 4)
    });
    for side in [2, 4] {
        let x = frames_second(vectors.tensor(&format!("shuffle{side}.x")));
        let cells = patches(x.clone(), side);
        let name = format!("shuffle{side}.unshuffled");
        vectors.check(&name, frames_second(cells.clone()), 0.0);
        let off = (pixels(cells, side) - x).abs().max();
        assert_eq!(off.into_scalar::<f32>(), 0.0);
    }
}

#[test]
fn the_clamp_is_soft() {
    let vectors = Vectors::open("taehv/n_blocks");
    let flat = |name: &str| {
        let (shape, values) = vectors.raw(name);
        let shape = [1, 1, 1, 1, shape[0]];
        let data = burn::tensor::TensorData::new(values, shape);
        Tensor::<5>::from_data(data, &Device::flex())
    };
    let found = Layer::from(Plain::SoftClamp).forward(flat("clamp.x"), &mut whole());
    let off = (found - flat("clamp.y")).abs().max();
    assert!(off.into_scalar::<f32>() <= 1e-5);
}

/// The narrow model whose widths all differ.
fn narrow() -> Taehv {
    let json = r#"{"_class_name": "TAEHV", "latent_channels": 5, "encoder_width": 6,
        "decoder_widths": [20, 14, 10, 8]}"#;
    let config = ModelConfig::from_json(json).unwrap();
    let weights = Vectors::open("taehv/n_w21.weights");
    let model = Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap();
    match model.backbone {
        Backbone::Taehv(model) => model,
        other => unreachable!("{other:?}"),
    }
}

/// Walks a stack and compares what was recorded of it; returns how much that was.
fn walk(stack: &[Layer], half: &str, x: Tensor<5>, vectors: &Vectors) -> usize {
    let names = vectors.names();
    let (mut x, mut compared) = (x, 0);
    for (at, layer) in stack.iter().enumerate() {
        x = layer.forward(x, &mut whole());
        let name = format!("tap.{half}.{at}");
        if names.contains(&name) {
            vectors.check(&name, frames_second(x.clone()), TOLERANCE);
            compared += 1;
        }
    }
    compared
}

#[test]
fn every_layer_of_both_halves() {
    let model = narrow();
    let vectors = Vectors::open("taehv/n_w21_T5_24x40_taps");
    let clip = filled(frames_second(vectors.tensor("video")), 4);
    let latent = frames_second(vectors.tensor("latent"));
    let compared = walk(&model.encoder, "encoder", clip, &vectors)
        + walk(&model.decoder, "decoder", latent, &vectors);
    let recorded = vectors.names();
    let recorded = recorded.iter().filter(|name| name.starts_with("tap."));
    assert_eq!(compared, recorded.count());
}
