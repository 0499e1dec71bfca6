//! SSIM as a loss: what [`analysis::ssim`] measures, with gradients.

use analysis::{SSIM_C1, SSIM_C2, SSIM_WINDOW, ssim_window};
use burn::tensor::{Device, Tensor, TensorData};

use super::Pair;

/// 1 - SSIM, `[1]`: the mean over batch, channels, frames and the positions where the window lies
/// wholly inside. Frames are compared as values in [0, 1], those of the sample unclamped. A side
/// has at least [`SSIM_WINDOW`] pixels.
pub(super) fn dissimilarity(pair: &Pair) -> Tensor<1> {
    let [a, b] = [&pair.clip, &pair.sample].map(frames);
    let [mean_a, square_a] = smooth([a.clone(), a.clone().square()]);
    let [mean_b, square_b, product] = smooth([b.clone(), b.clone().square(), a * b]);
    let means = mean_a.clone() * mean_b.clone();
    let squares = mean_a.square() + mean_b.square();
    let covariance = product - means.clone();
    let variances = square_a + square_b - squares.clone();
    let luminance = (means * 2.0 + SSIM_C1) / (squares + SSIM_C1);
    let structure = (covariance * 2.0 + SSIM_C2) / (variances + SSIM_C2);
    (luminance * structure).mean().neg() + 1.0
}

/// Frames of one channel in [0, 1], `[B * 3 * T, H, W]`.
fn frames(clip: &Tensor<5>) -> Tensor<3> {
    let [batch, channels, frames, height, width] = clip.dims();
    let flat = clip
        .clone()
        .reshape([batch * channels * frames, height, width]);
    flat / 2.0 + 0.5
}

/// Each stack of frames `[N, H, W]` under the Gaussian window: `[N, W - 10, H - 10]`.
fn smooth<const N: usize>(stacks: [Tensor<3>; N]) -> [Tensor<3>; N] {
    let count = stacks[0].dims()[0];
    let rows = smooth_rows(Tensor::cat(stacks.into(), 0)).swap_dims(1, 2);
    let both = smooth_rows(rows);
    std::array::from_fn(|index| both.clone().narrow(0, index * count, count))
}

/// One product of matrices: autodiff has its gradient, and frames that are trained on are small.
fn smooth_rows(frames: Tensor<3>) -> Tensor<3> {
    let [count, height, width] = frames.dims();
    let window = band(width, &frames.device());
    let smooth = frames.reshape([count * height, width]).matmul(window);
    smooth.reshape([count, height, width + 1 - SSIM_WINDOW])
}

/// The window at every position of a row, `[W, W - 10]`.
fn band(width: usize, device: &Device) -> Tensor<2> {
    let taps = ssim_window();
    let positions = width + 1 - SSIM_WINDOW;
    let mut values = vec![0f32; width * positions];
    for position in 0..positions {
        for (offset, tap) in taps.iter().enumerate() {
            values[(position + offset) * positions + position] = *tap as f32;
        }
    }
    Tensor::from_data(TensorData::new(values, [width, positions]), device)
}

#[cfg(test)]
mod tests {
    use analysis::ssim;
    use burn::tensor::Distribution;
    use e2e::vectors::values;

    use super::*;

    const SHAPE: [usize; 5] = [2, 3, 2, 16, 24];

    fn pair() -> Pair {
        let device = Device::flex().autodiff();
        let random =
            |spread: f64| Tensor::random(SHAPE, Distribution::Uniform(-spread, spread), &device);
        let clip: Tensor<5> = random(0.5);
        let sample = (clip.clone() + random(0.5)).require_grad();
        Pair { clip, sample }
    }

    #[test]
    fn it_is_what_the_evaluation_measures() {
        let pair = pair();
        let [batch, _, frames, height, width] = SHAPE;
        let pixels = |clip: &Tensor<5>, item, frame| {
            let frame = clip.clone().narrow(0, item, 1).narrow(2, frame, 1);
            values(frame.permute([0, 2, 3, 4, 1]) / 2.0 + 0.5)
        };
        let mut sum = 0.0;
        for (item, frame) in (0..batch).flat_map(|item| (0..frames).map(move |f| (item, f))) {
            let [a, b] = [&pair.clip, &pair.sample].map(|clip| pixels(clip, item, frame));
            sum += ssim(&a, &b, height, width).unwrap().unwrap();
        }
        let expected = 1.0 - sum / (batch * frames) as f64;
        let found = f64::from(values(dissimilarity(&pair))[0]);
        assert!(expected > 0.05, "{expected}");
        assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
    }

    #[test]
    fn a_step_against_its_gradient_brings_the_frames_together() {
        let Pair { clip, sample } = pair();
        let same = Pair {
            clip: clip.clone(),
            sample: clip.clone(),
        };
        assert!(values(dissimilarity(&same))[0].abs() < 1e-5);
        let before = dissimilarity(&Pair {
            clip: clip.clone(),
            sample: sample.clone(),
        });
        let gradient = sample.grad(&before.backward()).unwrap();
        let expected = f64::from(values(gradient.clone().square().sum())[0]) * 0.1;
        let sample = Tensor::from_inner(sample.inner() - gradient * 0.1);
        let after = dissimilarity(&Pair { clip, sample });
        let fall = f64::from(values(before - after)[0]);
        assert!((fall / expected - 1.0).abs() < 0.1, "{fall} for {expected}");
    }
}
