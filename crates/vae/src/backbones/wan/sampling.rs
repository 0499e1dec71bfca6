//! Down- and up-samplers, with or without a temporal step. Source: spec/wanvae.md 1 and 3.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::blocks::{DoubleSides, HalveSides, Kernel3d, interleave};
use crate::pass::Pass;

const CHANNEL: usize = 1;
const TIME: usize = 2;
const KERNEL: [usize; 3] = [3, 1, 1];

/// Halves rows and columns, and frames where it has a temporal step.
#[derive(Module, Debug)]
pub(crate) struct Down {
    resample: HalveSides,
    time_conv: Option<Kernel3d>,
}

impl Down {
    pub(crate) fn new(channels: usize, temporal: bool, device: &Device) -> Self {
        Self {
            resample: HalveSides::new(channels, device),
            time_conv: temporal.then(|| Kernel3d::new(channels, channels, KERNEL, device)),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, T', H/2, W/2]`; T' is T, or with a temporal step `(T + 1) / 2`
    /// at the start and `T / 2` later.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let x = self.resample.forward(x);
        match &self.time_conv {
            None => x,
            Some(conv) => halve_frames(conv, x, pass),
        }
    }
}

/// The first frame as it is; behind it one frame for every two, of these and the one before.
fn halve_frames(conv: &Kernel3d, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    match pass.previous_frame(conv.id(), &x) {
        Some(before) => conv.forward_frames(Tensor::cat(vec![before, x], TIME), 2),
        None if x.dims()[TIME] == 1 => x,
        None => {
            let first = x.clone().narrow(TIME, 0, 1);
            Tensor::cat(vec![first, conv.forward_frames(x, 2)], TIME)
        }
    }
}

/// Doubles rows and columns, and frames where it has a temporal step; halves channels.
#[derive(Module, Debug)]
pub(crate) struct Up {
    resample: DoubleSides,
    time_conv: Option<Kernel3d>,
}

impl Up {
    pub(crate) fn new(channels: usize, temporal: bool, device: &Device) -> Self {
        Self {
            resample: DoubleSides::new(channels, device),
            time_conv: temporal.then(|| Kernel3d::new(channels, 2 * channels, KERNEL, device)),
        }
    }

    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C/2, T', 2H, 2W]`; T' is T, or with a temporal step `2T - 1` at
    /// the start and `2T` later.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let x = match &self.time_conv {
            None => x,
            // Later frames never see the first.
            Some(conv) => pass.behind_first(x, |x, pass| two_for_each(conv, x, pass)),
        };
        self.resample.forward(x)
    }
}

/// Two frames for each.
fn two_for_each(conv: &Kernel3d, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
    let channels = x.dims()[CHANNEL];
    let both = conv.forward_causal(x, pass);
    let part = |start| both.clone().narrow(CHANNEL, start, channels);
    interleave(part(0), part(channels), TIME)
}
