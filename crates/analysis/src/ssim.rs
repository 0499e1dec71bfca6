//! Structural similarity.

use crate::error::{AnalysisError, check_length};

/// Side of the Gaussian window; smaller frames have no SSIM.
pub const SSIM_WINDOW: usize = 11;

const SIGMA: f64 = 1.5;
/// Keeps the comparison of means finite, for values in [0, 1].
pub const SSIM_C1: f64 = 0.01 * 0.01;
/// Keeps the comparison of variances finite, for values in [0, 1].
pub const SSIM_C2: f64 = 0.03 * 0.03;
const RGB: usize = 3;
/// Windowed means kept for each position: a, b, a^2, b^2, ab.
const MOMENTS: usize = 5;

/// SSIM of one frame `[height, width, 3]` against its original, values in [0, 1], at most 1.
///
/// Per channel in f64, with means, variances and covariance under an 11x11 Gaussian of sigma 1.5,
/// `C1 = 0.01^2` and `C2 = 0.03^2`:
///
/// `((2 mu_a mu_b + C1)(2 cov + C2)) / ((mu_a^2 + mu_b^2 + C1)(var_a + var_b + C2))`
///
/// averaged over the positions where the window lies wholly inside, then over the channels.
/// `None` for frames under 11 pixels a side. Fails when a slice does not fit the size.
pub fn ssim(
    original: &[f32],
    reconstruction: &[f32],
    height: usize,
    width: usize,
) -> Result<Option<f64>, AnalysisError> {
    check_length("the original", height * width * RGB, original.len())?;
    check_length(
        "the reconstruction",
        height * width * RGB,
        reconstruction.len(),
    )?;
    if height < SSIM_WINDOW || width < SSIM_WINDOW {
        return Ok(None);
    }
    let window = ssim_window();
    let sum: f64 = (0..RGB)
        .map(|channel| {
            let rows = original.chunks_exact(width * RGB);
            let pairs = rows.zip(reconstruction.chunks_exact(width * RGB));
            let filtered: Vec<Vec<f64>> = pairs
                .map(|(a, b)| filter_row(a, b, channel, &window))
                .collect();
            mean_ssim(&filtered, &window)
        })
        .sum();
    Ok(Some(sum / RGB as f64))
}

/// SSIM's window in one direction, a Gaussian of sigma 1.5 and sum 1; the 2-D one is its outer product
/// with itself.
pub fn ssim_window() -> [f64; SSIM_WINDOW] {
    let centre = (SSIM_WINDOW / 2) as f64;
    let weight = |i: usize| (-(i as f64 - centre).powi(2) / (2.0 * SIGMA * SIGMA)).exp();
    let weights: [f64; SSIM_WINDOW] = std::array::from_fn(weight);
    let sum: f64 = weights.iter().sum();
    weights.map(|w| w / sum)
}

/// The five moments of one channel of a row pair under the horizontal window: five runs of
/// `width - 10` values.
fn filter_row(a: &[f32], b: &[f32], channel: usize, window: &[f64; SSIM_WINDOW]) -> Vec<f64> {
    let samples = |row: &[f32]| -> Vec<f64> {
        row.iter()
            .skip(channel)
            .step_by(RGB)
            .map(|&v| f64::from(v))
            .collect()
    };
    let product =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let (a, b) = (samples(a), samples(b));
    let valid = a.len() - (SSIM_WINDOW - 1);
    let moments = [product(&a, &a), product(&b, &b), product(&a, &b)];
    let mut filtered = vec![0.0; MOMENTS * valid];
    let inputs = [&a, &b, &moments[0], &moments[1], &moments[2]];
    for (out, input) in filtered.chunks_exact_mut(valid).zip(inputs) {
        for (offset, &weight) in window.iter().enumerate() {
            add_scaled(out, &input[offset..], weight);
        }
    }
    filtered
}

/// Mean of the SSIM map of one channel, from its horizontally filtered rows.
fn mean_ssim(rows: &[Vec<f64>], window: &[f64; SSIM_WINDOW]) -> f64 {
    let valid = rows[0].len() / MOMENTS;
    let mut moments = vec![0.0; MOMENTS * valid];
    let mut sum = 0.0;
    for band in rows.windows(SSIM_WINDOW) {
        moments.fill(0.0);
        for (row, &weight) in band.iter().zip(window) {
            add_scaled(&mut moments, row, weight);
        }
        sum += (0..valid)
            .map(|x| similarity(std::array::from_fn(|k| moments[k * valid + x])))
            .sum::<f64>();
    }
    sum / ((rows.len() - SSIM_WINDOW + 1) * valid) as f64
}

fn add_scaled(out: &mut [f64], input: &[f64], weight: f64) {
    for (out, &value) in out.iter_mut().zip(input) {
        *out += weight * value;
    }
}

fn similarity([a, b, aa, bb, ab]: [f64; MOMENTS]) -> f64 {
    let (var_a, var_b, cov) = (aa - a * a, bb - b * b, ab - a * b);
    let luminance = (2.0 * a * b + SSIM_C1) / (a * a + b * b + SSIM_C1);
    luminance * (2.0 * cov + SSIM_C2) / (var_a + var_b + SSIM_C2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(height: usize, width: usize, seed: usize) -> Vec<f32> {
        (0..height * width * 3)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 100.0)
            .collect()
    }

    #[test]
    fn a_frame_is_wholly_similar_to_itself() {
        let frame = pattern(13, 17, 0);
        assert!((ssim(&frame, &frame, 13, 17).unwrap().unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_is_symmetric() {
        let (a, b) = (pattern(12, 14, 1), pattern(12, 14, 5));
        let (ab, ba) = (ssim(&a, &b, 12, 14).unwrap(), ssim(&b, &a, 12, 14).unwrap());
        assert!((ab.unwrap() - ba.unwrap()).abs() < 1e-12);
        assert!(ab.unwrap() < 0.9);
    }

    #[test]
    fn constant_frames_follow_the_luminance_term() {
        let (a, b) = (vec![0.25; 11 * 11 * 3], vec![0.75; 11 * 11 * 3]);
        let expected = (2.0 * 0.25 * 0.75 + SSIM_C1) / (0.25 * 0.25 + 0.75 * 0.75 + SSIM_C1);
        assert!((ssim(&a, &b, 11, 11).unwrap().unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn small_frames_have_none_and_misfits_fail() {
        assert_eq!(ssim(&[0.0; 330], &[0.0; 330], 10, 11).unwrap(), None);
        assert!(ssim(&[0.0; 5], &[0.0; 5], 11, 11).is_err());
    }
}
