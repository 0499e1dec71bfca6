//! Output numbers: `y[o, p] = bias[o] + sum_r weight[o, r] * x[start[r] + p]`.

use pulp::{Simd, WithSimd};

use crate::border::Bordered;
use crate::parallel;
use crate::vectors::Vectors;

/// Output channels computed together.
const CHANNELS: usize = 4;
/// Vectors of neighbouring positions computed together. With [`CHANNELS`] it fills the sixteen
/// vector registers that every x86-64 has.
const VECTORS: usize = 3;
/// Positions to a task, about: what the kernel reaches from there stays in the second-level cache
/// while all output channels are computed from it.
const STRIP: usize = 512;

/// Slides `kernel` over `x`.
///
/// # Shapes
/// `weight` is `[C_out, R]` for the `R` rows of `x`; `bias` `[C_out]` or empty; the result, of size
/// `[T, H, W] = x.size - kernel + 1`, is `[C_out, T, H, W]`.
pub(crate) fn correlate(
    x: &Bordered,
    weight: &[f32],
    bias: &[f32],
    kernel: [usize; 3],
    channels_out: usize,
) -> Vec<f32> {
    let [frames, height, width] = output_size(x.size, kernel);
    let rows = x.rows(kernel);
    let packed: Vec<Vec<[f32; CHANNELS]>> = (0..channels_out.div_ceil(CHANNELS))
        .map(|block| pack(weight, rows.len(), block))
        .collect();

    // One task is some lines of one frame, in all channels.
    let line = x.size[2];
    let lines = (STRIP / line).clamp(1, height);
    let strips = height.div_ceil(lines);
    let mut output = vec![0.0; channels_out * frames * height * width];
    let mut tasks: Vec<Vec<&mut [f32]>> = Vec::new();
    tasks.resize_with(frames * strips, Vec::new);
    for (index, plane) in output.chunks_exact_mut(height * width).enumerate() {
        let first = index % frames * strips;
        let strips = plane.chunks_mut(lines * width);
        tasks[first..]
            .iter_mut()
            .zip(strips)
            .for_each(|(task, strip)| task.push(strip));
    }
    let vectors = Vectors::new();
    parallel::for_each(tasks.into_iter().enumerate().collect(), |(task, planes)| {
        let (frame, strip) = (task / strips, task % strips);
        let start = (frame * x.size[1] + strip * lines) * line;
        vectors.dispatch(Strip {
            input: &x.numbers[start..],
            rows: &rows,
            weight: &packed,
            bias,
            line,
            width,
            planes,
        });
    });
    output
}

/// Size of the result of sliding `kernel` over a clip of `size`.
pub(crate) fn output_size(size: [usize; 3], kernel: [usize; 3]) -> [usize; 3] {
    std::array::from_fn(|axis| size[axis] + 1 - kernel[axis])
}

/// The weights of a block of output channels, row by row, so that one row's are neighbours.
fn pack(weight: &[f32], rows: usize, block: usize) -> Vec<[f32; CHANNELS]> {
    let mut packed = vec![[0.0; CHANNELS]; rows];
    let channels = weight.chunks_exact(rows).skip(block * CHANNELS);
    for (i, channel) in channels.take(CHANNELS).enumerate() {
        for (packed, weight) in packed.iter_mut().zip(channel) {
            packed[i] = *weight;
        }
    }
    packed
}

/// Some lines of one frame.
struct Strip<'a, 'b> {
    input: &'a [f32],
    rows: &'a [usize],
    /// Block by block of [`CHANNELS`].
    weight: &'a [Vec<[f32; CHANNELS]>],
    bias: &'a [f32],
    /// Width of the bordered input.
    line: usize,
    /// Width of the output.
    width: usize,
    /// Those lines of every output channel.
    planes: Vec<&'b mut [f32]>,
}

impl WithSimd for Strip<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Some(height) = self.planes.first().map(|plane| plane.len() / self.width) else {
            return;
        };
        let tile = VECTORS * S::F32_LANES;
        let positions = (height - 1) * self.line + self.width;
        for (planes, weight) in self.planes.chunks_mut(CHANNELS).zip(self.weight) {
            for start in (0..positions).step_by(tile) {
                let sums = tile_sums(simd, self.input, self.rows, weight, start);
                for (plane, sums) in planes.iter_mut().zip(&sums) {
                    let sums: &[f32] = pulp::bytemuck::cast_slice(sums);
                    copy_inside(plane, sums, start, self.line, self.width);
                }
            }
        }
        for (plane, bias) in self.planes.iter_mut().zip(self.bias) {
            plane.iter_mut().for_each(|number| *number += bias);
        }
    }
}

/// The sums at `VECTORS` vectors of positions from `start`.
#[inline(always)]
fn tile_sums<S: Simd>(
    simd: S,
    input: &[f32],
    rows: &[usize],
    weight: &[[f32; CHANNELS]],
    start: usize,
) -> [[S::f32s; VECTORS]; CHANNELS] {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; CHANNELS];
    let input = &input[start..];
    for (row, weights) in rows.iter().zip(weight) {
        let (x, _) = S::as_simd_f32s(&input[*row..*row + VECTORS * S::F32_LANES]);
        let x: [S::f32s; VECTORS] = std::array::from_fn(|i| x[i]);
        for (sums, weight) in sums.iter_mut().zip(weights) {
            let weight = simd.splat_f32s(*weight);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = simd.mul_add_e_f32s(weight, x, *sum);
            }
        }
    }
    sums
}

/// Copies the sums of positions from `start` into `plane`, leaving out those between its lines.
#[inline(always)]
fn copy_inside(plane: &mut [f32], sums: &[f32], start: usize, line: usize, width: usize) {
    let mut taken = 0;
    while taken < sums.len() {
        let (y, x) = ((start + taken) / line, (start + taken) % line);
        let run = (line - x).min(sums.len() - taken);
        let inside = run.min(width.saturating_sub(x));
        let to = y * width + x;
        if to >= plane.len() {
            break;
        }
        plane[to..to + inside].copy_from_slice(&sums[taken..taken + inside]);
        taken += run;
    }
}
