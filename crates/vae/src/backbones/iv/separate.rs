//! Convolutions that read both halves and write each for itself. Source: spec/ivvae.md 1 and 2.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::halves::{TIME, joined};
use crate::blocks::{Conv2d, Kernel3d};
use crate::pass::Pass;

/// A per-frame convolution for the keyframe half and a group-causal one for the motion half.
#[derive(Module, Debug)]
pub(crate) struct Separate3d {
    conv_2d: Conv2d,
    conv_3d: Kernel3d,
    /// Frames of a group; `None` for a pointwise convolution, which sees no other frames.
    group: Option<usize>,
}

impl Separate3d {
    /// Kernels of 3. `from` counts the channels of both halves, `to` those of one.
    pub(crate) fn new(from: usize, to: usize, group: usize, device: &Device) -> Self {
        Self {
            conv_2d: Conv2d::new(from, to, device),
            conv_3d: Kernel3d::new(from, to, [3; 3], device),
            group: Some(group),
        }
    }

    /// Kernels of 1. `from` counts the channels of both halves, `to` those of one.
    pub(crate) fn pointwise(from: usize, to: usize, device: &Device) -> Self {
        Self {
            conv_2d: Conv2d::with_kernel(from, to, 1, device),
            conv_3d: Kernel3d::new(from, to, [1; 3], device),
            group: None,
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, 2 * to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let keyframe = self.conv_2d.forward(x.clone());
        let motion = match self.group {
            None => self.conv_3d.forward_frames(x, 1),
            Some(group) => group_causal(&self.conv_3d, x, group, pass),
        };
        joined(keyframe, motion)
    }
}

/// A convolution that sees, of a group, all frames, the last frame before it and a zero behind it.
/// The clip's first frame is a group of its own and has itself in front.
pub(crate) fn group_causal(
    conv: &Kernel3d,
    x: Tensor<5>,
    group: usize,
    pass: &mut Pass,
) -> Tensor<5> {
    if let Some(before) = pass.previous_frame(conv.id(), &x) {
        return in_groups(conv, before, x, group);
    }
    let first = x.clone().narrow(TIME, 0, 1);
    let alone = in_groups(conv, first.clone(), first.clone(), 1);
    match x.dims()[TIME] - 1 {
        0 => alone,
        rest => {
            let rest = in_groups(conv, first, x.narrow(TIME, 1, rest), group);
            Tensor::cat(vec![alone, rest], TIME)
        }
    }
}

/// The groups of `x`, which follows the frame `before`, as a batch.
fn in_groups(conv: &Kernel3d, before: Tensor<5>, x: Tensor<5>, group: usize) -> Tensor<5> {
    const GROUPS: usize = 2;
    const WITHIN: usize = 3;
    let [batch, channels, frames, height, width] = x.dims();
    let count = frames / group;
    let x = x.reshape([batch, channels, count, group, height, width]);
    let lasts = x.clone().narrow(WITHIN, group - 1, 1);
    let before = before.unsqueeze_dim::<6>(GROUPS);
    let before = match count - 1 {
        0 => before,
        later => Tensor::cat(vec![before, lasts.narrow(GROUPS, 0, later)], GROUPS),
    };
    let zeros = before.zeros_like();
    let x = Tensor::cat(vec![before, x, zeros], WITHIN)
        .swap_dims(1, GROUPS)
        .reshape([batch * count, channels, group + 2, height, width]);
    let y = conv.forward_frames(x, 1);
    let channels = y.dims()[1];
    y.reshape([batch, count, channels, group, height, width])
        .swap_dims(1, GROUPS)
        .reshape([batch, channels, frames, height, width])
}
