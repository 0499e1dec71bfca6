//! Single layers against the reference's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::tensor::{Device, Tensor};

use super::attention::SeparateAttention;
use super::block::{Block2d, Block3d, Separate2d};
use super::pyramid::Pyramid;
use super::sampling::{Down, Up};
use super::separate::{Separate3d, group_causal};
use crate::blocks::{FrameRmsNorm, Kernel3d, RmsNorm};
use crate::pass::{Pass, StreamState, TemporalRule};
use crate::test_vectors::Vectors;

const TOLERANCE: f32 = 1e-5;

fn device() -> Device {
    Device::flex()
}

/// A stream in which `forward` has already seen `before`.
fn after(
    before: Option<Tensor<5>>,
    x: Tensor<5>,
    forward: impl Fn(Tensor<5>, &mut Pass) -> Tensor<5>,
) -> [Option<Tensor<5>>; 2] {
    let mut state = StreamState::default();
    [before, Some(x)].map(|chunk| {
        let mut pass = Pass::chunk(TemporalRule::Causal, &mut state, 0);
        let found = forward(chunk?, &mut pass);
        pass.finish();
        Some(found)
    })
}

#[test]
fn group_causal_convolutions() {
    let v = Vectors::open("ivvae/gcconv");
    let cases = [
        ("k3_tc4_T1", 4, false),
        ("k3_tc4_T4", 4, true),
        ("k3_tc4_T8", 4, true),
        ("k3_tc2_T2", 2, true),
        ("k3_tc2_T6", 2, true),
        ("k3_tc1_T1", 1, false),
        ("k3_tc1_T3", 1, true),
    ];
    for (case, group, cached) in cases {
        let conv = v.fill(Kernel3d::new(3, 5, [3; 3], &device()), &format!("{case}."));
        let before = cached.then(|| v.tensor(&format!("{case}.cache")));
        let x = v.tensor(&format!("{case}.x"));
        let [_, found] = after(before, x, |x, pass| group_causal(&conv, x, group, pass));
        v.check(&format!("{case}.y"), found.unwrap(), TOLERANCE);
    }
    let conv = v.fill(Kernel3d::new(3, 5, [1; 3], &device()), "k1_tc4_T4.");
    let found = conv.forward_frames(v.tensor("k1_tc4_T4.x"), 1);
    v.check("k1_tc4_T4.y", found, TOLERANCE);
}

/// Layers that look at single frames.
#[test]
fn frames() {
    let v = Vectors::open("ivvae/blocks");
    let input = |case: &str| v.tensor(&format!("{case}.in0"));
    let check = |case: &str, found| v.check(&format!("{case}.out"), found, TOLERANCE);
    let pyramid = v.fill(Pyramid::new(6, 3, &device()), "pac.w.");
    check("pac", pyramid.forward(input("pac")));
    let attention = v.fill(SeparateAttention::new(6, &device()), "sep_attention.w.");
    check("sep_attention", attention.forward(input("sep_attention")));
    let norm = v.fill(RmsNorm::new(12, 2, &device()), "sep_rms_norm.w.");
    check("sep_rms_norm", norm.forward(input("sep_rms_norm")));
    let norm = v.fill(FrameRmsNorm::new(6, &device()), "rms_norm_images.w.");
    check("rms_norm_images", norm.forward(input("rms_norm_images")));
    let block = v.fill(Block2d::new(4, 6, &device()), "res2d.w.");
    check("res2d", block.forward(input("res2d")));
    let conv = v.fill(Separate2d::new(4, 5, 3, &device()), "sep_conv2d.w.");
    check("sep_conv2d", conv.forward(input("sep_conv2d")));
}

/// Layers that remember a frame: `in1` is what they have seen before `in0`.
#[test]
fn frames_after_another() {
    let v = Vectors::open("ivvae/blocks");
    let stem = |case: &str| {
        let conv = Separate3d::new(3, 4, 4, &device());
        v.fill(conv, &format!("{case}.w."))
    };
    let conv = stem("first_sep_conv3d_T1");
    let x = v.tensor("first_sep_conv3d_T1.in0");
    let [_, found] = after(None, x, |x, pass| conv.forward(x, pass));
    v.check("first_sep_conv3d_T1.out", found.unwrap(), TOLERANCE);

    let wide = v.fill(Separate3d::new(8, 5, 4, &device()), "sep_conv3d_T4.w.");
    for (case, conv) in [
        ("first_sep_conv3d_T4", stem("first_sep_conv3d_T4")),
        ("sep_conv3d_T4", wide),
    ] {
        let before = Some(v.tensor(&format!("{case}.in1")));
        let x = v.tensor(&format!("{case}.in0"));
        let [_, found] = after(before, x, |x, pass| conv.forward(x, pass));
        v.check(&format!("{case}.out"), found.unwrap(), TOLERANCE);
    }
    let conv = v.fill(Separate3d::pointwise(8, 6, &device()), "sep_conv3d_k1.w.");
    let mut pass = Pass::whole(TemporalRule::Causal);
    let found = conv.forward(v.tensor("sep_conv3d_k1.in0"), &mut pass);
    v.check("sep_conv3d_k1.out", found, TOLERANCE);

    let block = v.fill(Block3d::new(4, 6, 4, &device()), "res3d_tc4_1then4.w.");
    let input = |i| v.tensor(&format!("res3d_tc4_1then4.in{i}"));
    let found = after(Some(input(0)), input(1), |x, pass| block.forward(x, pass));
    let found = found.into_iter().flatten().collect();
    v.check("res3d_tc4_1then4.out", Tensor::cat(found, 2), TOLERANCE);
}

/// Temporal steps leave the clip's first frame alone; others are of a later chunk.
#[test]
fn samplers() {
    let v = Vectors::open("ivvae/blocks");
    let check = |case: &str, forward: &dyn Fn(Tensor<5>, &mut Pass) -> Tensor<5>| {
        let mut state = StreamState::default();
        if !matches!(case, "down3d_T1" | "up3d_first") {
            Pass::chunk(TemporalRule::Causal, &mut state, 0).finish();
        }
        let mut pass = Pass::chunk(TemporalRule::Causal, &mut state, 0);
        let found = forward(v.tensor(&format!("{case}.in0")), &mut pass);
        v.check(&format!("{case}.out"), found, TOLERANCE);
    };
    for (case, temporal) in [("down2d", false), ("down3d_T1", true), ("down3d_T4", true)] {
        let layer = v.fill(Down::new(4, temporal, &device()), &format!("{case}.w."));
        check(case, &|x, pass| layer.forward(x, pass));
    }
    for (case, temporal) in [
        ("up2d", false),
        ("up3d_first", true),
        ("up3d_later_T2", true),
    ] {
        let layer = v.fill(Up::new(4, temporal, &device()), &format!("{case}.w."));
        check(case, &|x, pass| layer.forward(x, pass));
    }
}
