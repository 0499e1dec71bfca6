//! Sums over the taps of a kernel.

use pulp::Arch;

use super::REACH;
use crate::parallel;

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
    let arch = Arch::new();
    parallel::for_each(planes.enumerate().collect(), |(frame, plane)| {
        if !bias.is_empty() {
            let positions = plane.chunks_exact_mut(channels);
            positions.for_each(|position| position.copy_from_slice(bias));
        }
        arch.dispatch(|| {
            each_pair(size, frame, lead, |to, tap, from| {
                let sums = &mut plane[to * channels..][..channels];
                let tap = &taps[tap * channels..][..channels];
                add_products(sums, tap, &x[from * channels..][..channels]);
            });
        });
    });
    output
}

/// Every output position of a frame with every tap and the input position that it falls on; taps
/// that fall outside are left out.
#[inline(always)]
pub(super) fn each_pair(
    size: Size,
    frame: usize,
    lead: usize,
    mut pair: impl FnMut(usize, usize, usize),
) {
    let [frames, height, width, _] = size;
    for y in 0..height {
        for x in 0..width {
            for t in 0..REACH {
                let Some(from) = (frame + t).checked_sub(lead).filter(|f| *f < frames) else {
                    continue;
                };
                for h in usize::from(y == 0)..REACH.min(height + 1 - y) {
                    let row = (from * height + y + h - 1) * width;
                    for w in usize::from(x == 0)..REACH.min(width + 1 - x) {
                        let tap = (t * REACH + h) * REACH + w;
                        pair(y * width + x, tap, row + x + w - 1);
                    }
                }
            }
        }
    }
}

/// `sums += a * b`, number by number. Not fused, which would be a call where there is no such
/// instruction.
#[inline(always)]
pub(super) fn add_products(sums: &mut [f32], a: &[f32], b: &[f32]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum += a * b;
    }
}
