//! Output numbers: `y[o, p] = bias[o] + sum_r weight[o, r] * x[start[r] + p]`.

use pulp::{Arch, Simd, WithSimd};

use crate::border::Bordered;
use crate::parallel;

/// Output channels computed together.
const CHANNELS: usize = 4;
/// Vectors of neighbouring positions computed together. With [`CHANNELS`] it fills the sixteen
/// vector registers that every x86-64 has.
const VECTORS: usize = 3;

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

    // One task is a block of channels of one frame.
    let mut output = vec![0.0; channels_out * frames * height * width];
    let mut tasks: Vec<Vec<&mut [f32]>> = Vec::new();
    tasks.resize_with(packed.len() * frames, Vec::new);
    for (index, plane) in output.chunks_exact_mut(height * width).enumerate() {
        let (channel, frame) = (index / frames, index % frames);
        tasks[channel / CHANNELS * frames + frame].push(plane);
    }
    let arch = Arch::new();
    parallel::for_each(
        tasks.into_iter().enumerate().collect(),
        |(index, mut planes)| {
            let (block, frame) = (index / frames, index % frames);
            let start = frame * x.size[1] * x.size[2];
            arch.dispatch(Frame {
                input: &x.numbers[start..],
                rows: &rows,
                weight: &packed[block],
                line: x.size[2],
                width,
                planes: &mut planes,
            });
            for (local, plane) in planes.iter_mut().enumerate() {
                if let Some(bias) = bias.get(block * CHANNELS + local) {
                    plane.iter_mut().for_each(|number| *number += bias);
                }
            }
        },
    );
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

/// One frame of up to [`CHANNELS`] output channels.
struct Frame<'a, 'b> {
    input: &'a [f32],
    rows: &'a [usize],
    weight: &'a [[f32; CHANNELS]],
    /// Width of the bordered input.
    line: usize,
    /// Width of the output.
    width: usize,
    planes: &'a mut [&'b mut [f32]],
}

impl WithSimd for Frame<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Some(height) = self.planes.first().map(|plane| plane.len() / self.width) else {
            return;
        };
        let tile = VECTORS * S::F32_LANES;
        let positions = (height - 1) * self.line + self.width;
        for start in (0..positions).step_by(tile) {
            let sums = tile_sums(simd, self.input, self.rows, self.weight, start);
            for (plane, sums) in self.planes.iter_mut().zip(&sums) {
                let sums: &[f32] = pulp::bytemuck::cast_slice(sums);
                copy_inside(plane, sums, start, self.line, self.width);
            }
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
