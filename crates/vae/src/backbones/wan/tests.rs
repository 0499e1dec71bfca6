//! Single layers against the reference's, chunk by chunk as it runs them.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::layer::Block;
use super::sampling::{Down, Up};
use crate::blocks::{Kernel3d, QkvAttention, RmsNorm};
use crate::pass::{Pass, StreamState, TemporalRule};
use crate::test_vectors::Vectors;

const TOLERANCE: f32 = 1e-5;

fn vectors() -> Vectors {
    Vectors::open("wan/blocks")
}

fn whole() -> Pass<'static> {
    Pass::whole(TemporalRule::Causal)
}

/// Feeds the inputs of a case one after another and compares the outputs.
fn check_chunks<M: Module>(
    case: &str,
    layer: M,
    chunks: usize,
    forward: impl Fn(&M, Tensor<5>, &mut Pass) -> Tensor<5>,
) {
    let v = vectors();
    let layer = v.fill(layer, &format!("{case}.w."));
    let mut state = StreamState::default();
    for i in 0..chunks {
        let mut pass = Pass::chunk(TemporalRule::Causal, &mut state, 0);
        let found = forward(&layer, v.tensor(&format!("{case}.in{i}")), &mut pass);
        pass.finish();
        v.check(&format!("{case}.out{i}"), found, TOLERANCE);
    }
}

#[test]
fn norm_and_attention() {
    let (v, device) = (vectors(), Device::flex());
    let norm = v.fill(RmsNorm::new(6, 1, &device), "rms_norm_video.w.");
    let found = norm.forward(v.tensor("rms_norm_video.in0"));
    v.check("rms_norm_video.out", found, TOLERANCE);
    let attention = v.fill(QkvAttention::new(6, &device), "attention.w.");
    let found = attention.forward(v.tensor("attention.in0"));
    v.check("attention.out", found, TOLERANCE);
}

#[test]
fn causal_convolution_without_and_with_frames_before() {
    let v = vectors();
    let conv = |case: &str| {
        let conv = Kernel3d::new(3, 5, [3; 3], &Device::flex());
        v.fill(conv, &format!("{case}.w."))
    };
    let case = "causalconv_T5_nocache";
    let found = conv(case).forward_causal(v.tensor(&format!("{case}.in0")), &mut whole());
    v.check(&format!("{case}.out"), found, TOLERANCE);
    for case in ["causalconv_T4_cache1", "causalconv_T4_cache2"] {
        let conv = conv(case);
        let mut state = StreamState::default();
        for (input, compared) in [("in1", false), ("in0", true)] {
            let mut pass = Pass::chunk(TemporalRule::Causal, &mut state, 0);
            let found = conv.forward_causal(v.tensor(&format!("{case}.{input}")), &mut pass);
            pass.finish();
            if compared {
                v.check(&format!("{case}.out"), found, TOLERANCE);
            }
        }
    }
}

#[test]
fn residual_blocks_in_chunks() {
    for case in ["res_1_4_4", "res_1_1_1"] {
        check_chunks(case, Block::new(4, 6, &Device::flex()), 3, Block::forward);
    }
}

#[test]
fn samplers_in_chunks() {
    let (v, device) = (vectors(), Device::flex());
    let down = v.fill(Down::new(4, false, &device), "down2d.w.");
    let found = down.forward(v.tensor("down2d.in0"), &mut whole());
    v.check("down2d.out", found, TOLERANCE);
    let up = v.fill(Up::new(4, false, &device), "up2d.w.");
    let found = up.forward(v.tensor("up2d.in0"), &mut whole());
    v.check("up2d.out", found, TOLERANCE);
    check_chunks(
        "down3d_1_4_4",
        Down::new(4, true, &device),
        3,
        Down::forward,
    );
    check_chunks("up3d_1_1_1_1", Up::new(4, true, &device), 4, Up::forward);
    check_chunks("up3d_1_2_2", Up::new(4, true, &device), 3, Up::forward);
}
