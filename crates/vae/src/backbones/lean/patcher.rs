//! Pixels to Haar coefficients to patches, and back. Source: spec/leanvae.md 1 and 2.

use burn::tensor::Tensor;
use wavelet::{Constants, haar2d, haar3d_pairs, inverse_haar2d, inverse_haar3d};

use crate::pass::Pass;

const CHANNEL: usize = 1;
const TIME: usize = 2;
const RGB: usize = 3;
/// Clip frames to a latent frame behind the first.
pub(crate) const FRAMES: usize = 4;
/// Rows and columns of coefficients in a patch.
const SIDE: usize = 4;
/// The transforms' own taps, undone: coefficients here are plain sums and differences of pixels.
const TAP_2D: f32 = 0.5;
const TAPS: Constants = Constants::Exact;

/// Haar coefficients, each the sum of its 4 or 8 pixels with signs; low band first, then high.
#[derive(Clone, Debug)]
pub(crate) struct Coefficients {
    /// Of the clip's first frame, `[B, 12, 1, H/2, W/2]`; `None` in later chunks.
    pub(crate) image: Option<Tensor<5>>,
    /// Of the frames behind it, `[B, 24, (T-1)/2, H/2, W/2]`; `None` if there are none.
    pub(crate) video: Option<Tensor<5>>,
}

impl Coefficients {
    /// The coefficients of a clip or chunk `[B, 3, T, H, W]`. Frames that do not fill a latent
    /// frame are left out.
    pub(crate) fn of(clip: Tensor<5>, pass: &Pass) -> Self {
        let apart = usize::from(pass.is_first());
        let frames = (clip.dims()[TIME] - apart) / FRAMES * FRAMES;
        let part = |start, count| (count > 0).then(|| clip.clone().narrow(TIME, start, count));
        Self {
            image: part(0, apart).map(|x| haar2d(x).div_scalar(TAP_2D)),
            video: part(apart, frames).map(|x| haar3d_pairs(x, TAPS).div_scalar(TAPS.three())),
        }
    }

    /// The clip or chunk `[B, 3, T, H, W]` with these coefficients.
    pub(crate) fn into_clip(self) -> Tensor<5> {
        let image = self.image.map(|x| inverse_haar2d(x.mul_scalar(TAP_2D)));
        let video = self
            .video
            .map(|x| inverse_haar3d(x.mul_scalar(TAPS.three()), TAPS));
        Tensor::cat(image.into_iter().chain(video).collect(), TIME)
    }
}

/// The low band of each colour, and the other bands.
///
/// # Shapes
/// `[B, 3 * bands, T, H, W]` to `[B, 3, T, H, W]` and the rest.
pub(crate) fn low_and_high(x: Tensor<5>) -> [Tensor<5>; 2] {
    let rest = x.dims()[CHANNEL] - RGB;
    [
        x.clone().narrow(CHANNEL, 0, RGB),
        x.narrow(CHANNEL, RGB, rest),
    ]
}

/// Cuts coefficients into patches of `depth` frames and 4x4 positions.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, T/depth, H/4, W/4, C * depth * 16]`, channels slowest.
pub(crate) fn patches(x: Tensor<5>, depth: usize) -> Tensor<5> {
    let [batch, channels, frames, height, width] = x.dims();
    let (t, h, w) = (frames / depth, height / SIDE, width / SIDE);
    x.reshape([batch, channels, t, depth, h, SIDE, w, SIDE])
        .permute([0, 2, 4, 6, 1, 3, 5, 7])
        .reshape([batch, t, h, w, channels * depth * SIDE * SIDE])
}

/// Inverse of [`patches`].
pub(crate) fn from_patches(x: Tensor<5>, depth: usize) -> Tensor<5> {
    let [batch, t, h, w, numbers] = x.dims();
    let channels = numbers / (depth * SIDE * SIDE);
    x.reshape([batch, t, h, w, channels, depth, SIDE, SIDE])
        .permute([0, 4, 1, 5, 2, 6, 3, 7])
        .reshape([batch, channels, t * depth, h * SIDE, w * SIDE])
}
