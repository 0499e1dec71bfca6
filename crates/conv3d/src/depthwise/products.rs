//! Gradient of the taps: sums over the positions that each has met.

use pulp::{Simd, WithSimd};

use super::kernel::{REACH, TAPS};
use super::sums::{Pair, add_products};
use super::taps::Size;
use crate::parallel;
use crate::vectors::Vectors;

/// The gradient of the taps, `[27, C]`, from the input `x` of `size` and the gradient `dy` of the
/// output, which is two frames shorter.
pub(crate) fn products(x: &[f32], size: Size, dy: &[f32]) -> Vec<f32> {
    let [frames, height, width, channels] = size;
    let plane = height * width * channels;
    let mut parts = vec![vec![0.0; TAPS * channels]; frames + 1 - REACH];
    let vectors = Vectors::new();
    parallel::for_each(parts.iter_mut().enumerate().collect(), |(frame, sums)| {
        vectors.dispatch(Frame {
            x: &x[frame * plane..],
            dy: &dy[frame * plane..][..plane],
            size,
            sums,
        });
    });
    let mut total = vec![0.0; TAPS * channels];
    for part in &parts {
        total.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
    }
    total
}

/// One frame of `dy` with the input from the first frame that its taps see.
struct Frame<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    size: Size,
    sums: &'a mut [f32],
}

impl WithSimd for Frame<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [_, height, width, channels] = self.size;
        let mut pairs = Vec::with_capacity(height * width);
        for (tap, sums) in self.sums.chunks_exact_mut(channels).enumerate() {
            under_tap(self.size, tap, &mut pairs);
            add_products(sums, self.dy, self.x, &pairs);
        }
    }
}

/// The positions of a frame of `dy` whose tap falls inside, with the input positions it falls on.
#[inline(always)]
fn under_tap([_, height, width, channels]: Size, tap: usize, pairs: &mut Vec<Pair>) {
    let [t, h, w] = [tap / (REACH * REACH), tap / REACH % REACH, tap % REACH];
    pairs.clear();
    for y in usize::from(h == 0)..height.min(height + 1 - h) {
        let row = (t * height + y + h - 1) * width;
        for x in usize::from(w == 0)..width.min(width + 1 - w) {
            pairs.push([(y * width + x) * channels, (row + x + w - 1) * channels]);
        }
    }
}
