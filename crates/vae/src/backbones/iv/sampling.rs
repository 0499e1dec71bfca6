//! Down- and up-samplers, with or without a temporal step. Source: spec/ivvae.md 3.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::halves::{CHANNEL, TIME, halves, joined};
use crate::blocks::{DoubleSides, HalveSides, Kernel3d, interleave, repeat};
use crate::pass::Pass;

/// Halves rows and columns, and frames where it has a temporal step.
#[derive(Module, Debug)]
pub(crate) struct Down {
    resample_2d: HalveSides,
    resample_3d: HalveSides,
    time_conv: Option<Kernel3d>,
}

impl Down {
    /// `channels` counts those of one half.
    pub(crate) fn new(channels: usize, temporal: bool, device: &Device) -> Self {
        Self {
            resample_2d: HalveSides::new(channels, device),
            resample_3d: HalveSides::new(channels, device),
            time_conv: temporal.then(|| Kernel3d::new(channels, channels, [2, 1, 1], device)),
        }
    }

    /// # Shapes
    /// `[B, 2C, T, H, W]` to `[B, 2C, T', H/2, W/2]`; T' is T, or with a temporal step `(T + 1) / 2`
    /// at the start and `T / 2` later.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let [keyframe, motion] = halves(x);
        let keyframe = self.resample_2d.forward(keyframe);
        let motion = self.resample_3d.forward(motion);
        match &self.time_conv {
            None => joined(keyframe, motion),
            Some(conv) => joined(
                pass.behind_first(keyframe, |x, _| every_other(x)),
                pass.behind_first(motion, |x, _| conv.forward_frames(x, 2)),
            ),
        }
    }
}

/// Frames 0, 2, 4, ...
fn every_other(x: Tensor<5>) -> Tensor<5> {
    let [batch, channels, frames, height, width] = x.dims();
    x.reshape([batch, channels, frames / 2, 2, height, width])
        .narrow(3, 0, 1)
        .squeeze_dim::<5>(3)
}

/// Doubles rows and columns, and frames where it has a temporal step; halves channels.
#[derive(Module, Debug)]
pub(crate) struct Up {
    resample_2d: DoubleSides,
    resample_3d: DoubleSides,
    time_conv: Option<Kernel3d>,
}

impl Up {
    /// `channels` counts those of one half.
    pub(crate) fn new(channels: usize, temporal: bool, device: &Device) -> Self {
        Self {
            resample_2d: DoubleSides::new(channels, device),
            resample_3d: DoubleSides::new(channels, device),
            time_conv: temporal.then(|| Kernel3d::new(channels, 2 * channels, [1; 3], device)),
        }
    }

    /// # Shapes
    /// `[B, 2C, T, H, W]` to `[B, C, T', 2H, 2W]`; T' is T, or with a temporal step `2T - 1` at the
    /// start and `2T` later.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let [keyframe, motion] = halves(x);
        let (keyframe, motion) = match &self.time_conv {
            None => (keyframe, motion),
            Some(conv) => (
                pass.behind_first(keyframe, |x, _| repeat(x, TIME)),
                pass.behind_first(motion, |x, _| two_for_each(conv, x)),
            ),
        };
        joined(
            self.resample_2d.forward(keyframe),
            self.resample_3d.forward(motion),
        )
    }
}

/// Two frames for each.
fn two_for_each(conv: &Kernel3d, x: Tensor<5>) -> Tensor<5> {
    let channels = x.dims()[CHANNEL];
    let both = conv.forward_frames(x, 1);
    let part = |start| both.clone().narrow(CHANNEL, start, channels);
    interleave(part(0), part(channels), TIME)
}
