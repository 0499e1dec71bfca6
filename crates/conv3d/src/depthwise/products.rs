//! Gradient of the taps: sums over the positions that each has met.

use pulp::Arch;

use super::taps::{Size, add_products, each_pair};
use super::{REACH, TAPS};
use crate::parallel;

/// The gradient of the taps, `[27, C]`, from the input `x` of `size` and the gradient `dy` of the
/// output, which is two frames shorter.
pub(crate) fn products(x: &[f32], size: Size, dy: &[f32]) -> Vec<f32> {
    let [frames, height, width, channels] = size;
    let plane = height * width * channels;
    let mut parts = vec![vec![0.0; TAPS * channels]; frames + 1 - REACH];
    let arch = Arch::new();
    parallel::for_each(parts.iter_mut().enumerate().collect(), |(frame, sums)| {
        let dy = &dy[frame * plane..][..plane];
        arch.dispatch(|| {
            each_pair(size, frame, 0, |to, tap, from| {
                let sums = &mut sums[tap * channels..][..channels];
                let dy = &dy[to * channels..][..channels];
                add_products(sums, dy, &x[from * channels..][..channels]);
            });
        });
    });
    let mut total = vec![0.0; TAPS * channels];
    for part in &parts {
        total.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
    total
}
