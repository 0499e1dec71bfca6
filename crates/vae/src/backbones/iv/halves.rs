//! The two halves of a feature map, and the axes that it has.

use burn::tensor::Tensor;

pub(super) const CHANNEL: usize = 1;
pub(super) const TIME: usize = 2;
pub(super) const RGB: usize = 3;
/// Frames of a group at full temporal rate.
pub(super) const GROUP: usize = 4;

/// The keyframe half and the motion half of a feature map.
pub(super) fn halves(x: Tensor<5>) -> [Tensor<5>; 2] {
    let width = x.dims()[CHANNEL] / 2;
    [
        x.clone().narrow(CHANNEL, 0, width),
        x.narrow(CHANNEL, width, width),
    ]
}

/// The feature map of two halves.
pub(super) fn joined(keyframe: Tensor<5>, motion: Tensor<5>) -> Tensor<5> {
    Tensor::cat(vec![keyframe, motion], CHANNEL)
}
