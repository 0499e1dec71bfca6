//! The dilated head of the encoder. Source: spec/ivvae.md 3.
#![allow(
    non_snake_case,
    reason = "`PAC_0` and so on are the reference's parameter names"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::block::Separate2d;
use super::halves::CHANNEL;
use super::halves::{halves, joined};

/// Six convolutions side by side, of growing reach, and one that puts them together.
#[derive(Module, Debug)]
pub(crate) struct Pyramid {
    PAC_0: Separate2d,
    PAC_1: Separate2d,
    PAC_3: Separate2d,
    PAC_6: Separate2d,
    PAC_9: Separate2d,
    PAC_12: Separate2d,
    PAC_conv: Separate2d,
}

impl Pyramid {
    /// `from` and `to` count the channels of one half.
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        let branch = || Separate2d::new(from, to, 3, device);
        Self {
            PAC_0: Separate2d::new(from, to, 1, device),
            PAC_1: branch(),
            PAC_3: branch(),
            PAC_6: branch(),
            PAC_9: branch(),
            PAC_12: branch(),
            PAC_conv: Separate2d::new(6 * to, to, 1, device),
        }
    }

    /// # Shapes
    /// `[B, 2 * from, T, H, W]` to `[B, 2 * to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let near = [&self.PAC_0, &self.PAC_1].map(|branch| branch.forward(x.clone()));
        let far = [
            (&self.PAC_3, 3),
            (&self.PAC_6, 6),
            (&self.PAC_9, 9),
            (&self.PAC_12, 12),
        ];
        let far = far.map(|(branch, reach)| branch.conv.forward_dilated(x.clone(), reach));
        let (mut keyframes, mut motions) = (Vec::new(), Vec::new());
        for found in near.into_iter().chain(far) {
            let [keyframe, motion] = halves(found);
            keyframes.push(keyframe);
            motions.push(motion);
        }
        let all = joined(
            Tensor::cat(keyframes, CHANNEL),
            Tensor::cat(motions, CHANNEL),
        );
        self.PAC_conv.forward(all)
    }
}
