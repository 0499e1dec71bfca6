//! Frames added to a clip and taken from it.

use burn::tensor::Tensor;

/// The axis of frames.
pub(super) const TIME: usize = 2;

/// A clip whose last frame is repeated until its length is a multiple of `step`.
pub(super) fn filled(clip: Tensor<5>, step: usize) -> Tensor<5> {
    let frames = clip.dims()[TIME];
    let missing = frames.next_multiple_of(step) - frames;
    if missing == 0 {
        return clip;
    }
    let last = clip.clone().narrow(TIME, frames - 1, 1);
    Tensor::cat(vec![clip, last.repeat_dim(TIME, missing)], TIME)
}

/// The frames behind the first `dropped`.
pub(super) fn without_first(frames: Tensor<5>, dropped: usize) -> Tensor<5> {
    let left = frames.dims()[TIME] - dropped;
    frames.narrow(TIME, dropped, left)
}
