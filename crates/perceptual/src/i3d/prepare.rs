//! Clips as the network wants them. Source: spec/metrics.md 4.1.

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

/// How finely a clip's values are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// Cut down to bytes first, as the `videogpt` code does. A clip of bytes stays as it is.
    Bytes,
    /// Taken as they are, as the `styleganv` code does.
    Floats,
}

/// Scales the shorter side of clips `[B, 3, T, H, W]` in [0, 1] to `side`, the longer one in
/// proportion and rounded up; cuts a square from the middle; maps to [-1, 1].
pub(super) fn prepare(clips: Tensor<5>, side: usize, levels: Levels) -> Tensor<5> {
    let [count, channels, frames, height, width] = clips.dims();
    let clips = match levels {
        Levels::Bytes => (clips * 255.0).floor() / 255.0,
        Levels::Floats => clips,
    };
    let short = height.min(width);
    let [high, wide] = [height, width].map(|length| (length * side).div_ceil(short));
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(false)
        .with_output_size([high, wide]);
    let planes = clips.reshape([count * channels, frames, height, width]);
    let planes = interpolate(planes, options);
    let planes = planes.narrow(2, (high - side) / 2, side);
    let planes = planes.narrow(3, (wide - side) / 2, side);
    let clips = planes.reshape([count, channels, frames, side, side]);
    (clips - 0.5) * 2.0
}
