//! Layers of a model without causality against the reference's.

use burn::tensor::{Device, Tensor};

use super::{Conv3d, Down3d, Interpolation, Up3d};
use crate::pass::{Pass, TemporalRule};
use crate::test_vectors::Vectors;

const TOLERANCE: f32 = 3e-6;

fn vectors() -> Vectors {
    Vectors::open("lcvae/ops")
}

fn check(case: &str, forward: impl Fn(Tensor<5>, &mut Pass) -> Tensor<5>) {
    let v = vectors();
    let pass = &mut Pass::whole(TemporalRule::Symmetric);
    let found = forward(v.tensor(&format!("{case}.in")), pass);
    v.check(&format!("{case}.out"), found, TOLERANCE);
}

#[test]
fn convolutions_see_both_sides() {
    let device = Device::flex();
    let conv = vectors().fill(Conv3d::new(4, 3, 1, &device), "conv_k1.param.");
    check("conv_k1", |x, pass| conv.forward(x, pass));
    let conv = vectors().fill(Conv3d::new(4, 5, 3, &device), "conv_k3.param.");
    for frames in [1, 2, 5] {
        check(&format!("conv_k3.t{frames}"), |x, pass| {
            conv.forward(x, pass)
        });
    }
}

#[test]
fn samplers_of_any_number_of_frames() {
    let device = Device::flex();
    let down = vectors().fill(Down3d::new(4, &device), "down3d.param.");
    for frames in [1, 2, 3, 4, 7, 8] {
        check(&format!("down3d.t{frames}"), |x, pass| {
            down.forward(x, pass)
        });
    }
    for (case, interpolation) in [
        ("up3d_trilinear", Interpolation::Trilinear),
        ("up3d_nearest", Interpolation::Nearest),
    ] {
        let up = Up3d::new(4, interpolation, &device);
        let up = vectors().fill(up, &format!("{case}.param."));
        for frames in [1, 2, 3, 4, 8] {
            check(&format!("{case}.t{frames}"), |x, pass| up.forward(x, pass));
        }
    }
}
