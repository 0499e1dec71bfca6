//! Sums over the taps of a kernel.

use pulp::{Simd, WithSimd};

use super::kernel::{REACH, TAPS};
use super::sums::{Pair, add_products};
use crate::parallel;
use crate::vectors::Vectors;

/// Frames, height, width and channels of a channels-last clip.
pub(crate) type Size = [usize; 4];

/// Slides a kernel over `x`; the first output frame sees `lead` frames less than a whole kernel.
///
/// # Shapes
/// `x` has `size`, `taps` is `[27, C]`, `bias` `[C]` or empty; the result has the size of `x` but
/// `frames` frames.
pub(crate) fn correlate(
    x: &[f32],
    size: Size,
    taps: &[f32],
    bias: &[f32],
    (frames, lead): (usize, usize),
) -> Vec<f32> {
    let [_, height, width, channels] = size;
    let mut output = vec![0.0; frames * height * width * channels];
    let planes = output.chunks_exact_mut((height * width * channels).max(1));
    let vectors = Vectors::new();
    parallel::for_each(planes.enumerate().collect(), |(frame, plane)| {
        if !bias.is_empty() {
            let positions = plane.chunks_exact_mut(channels);
            positions.for_each(|position| position.copy_from_slice(bias));
        }
        vectors.dispatch(Frame {
            x,
            size,
            taps,
            frame,
            lead,
            plane,
        });
    });
    output
}

/// One frame of the result.
struct Frame<'a> {
    x: &'a [f32],
    size: Size,
    taps: &'a [f32],
    frame: usize,
    lead: usize,
    plane: &'a mut [f32],
}

impl WithSimd for Frame<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [_, _, width, channels] = self.size;
        let mut pairs = Vec::with_capacity(TAPS);
        for (position, sums) in self.plane.chunks_exact_mut(channels).enumerate() {
            let place = [self.frame, position / width, position % width];
            under_taps(self.size, place, self.lead, &mut pairs);
            add_products(sums, self.taps, self.x, &pairs);
        }
    }
}

/// The taps over an output place (frame, row, column) with the input positions that they fall on;
/// taps that fall outside are left out.
#[inline(always)]
fn under_taps(size: Size, [frame, y, x]: [usize; 3], lead: usize, pairs: &mut Vec<Pair>) {
    let [frames, height, width, channels] = size;
    pairs.clear();
    for t in 0..REACH {
        let Some(from) = (frame + t).checked_sub(lead).filter(|f| *f < frames) else {
            continue;
        };
        for h in usize::from(y == 0)..REACH.min(height + 1 - y) {
            let row = (from * height + y + h - 1) * width;
            for w in usize::from(x == 0)..REACH.min(width + 1 - x) {
                let tap = (t * REACH + h) * REACH + w;
                pairs.push([tap * channels, (row + x + w - 1) * channels]);
            }
        }
    }
}
