//! Gradient of the weights: `dw[o, r] = sum_p dy[o, p] * x[start[r] + p]`.

use pulp::{Simd, WithSimd};

use crate::border::Bordered;
use crate::correlate::output_size;
use crate::parallel;
use crate::vectors::Vectors;

/// Output channels and rows multiplied together: twelve sums in the sixteen vector registers.
const CHANNELS: usize = 4;
const ROWS: usize = 3;
/// Positions summed before moving to the next rows; their numbers stay in the first-level cache.
const POSITIONS: usize = 1024;

/// Every output channel of `dy` times every row of `x`, added to `sums`.
///
/// # Shapes
/// `dy` has the height and width of `x` and zeros where the output has no number; `sums` is
/// `[C_out, R]` for the `R` rows of `x` under `kernel`.
pub(crate) fn products(x: &Bordered, dy: &Bordered, kernel: [usize; 3], sums: &mut [f32]) {
    let rows = x.rows(kernel);
    // Beyond the last output the rows of `x` would leave its buffer.
    let [frames, height, width] = output_size(x.size, kernel);
    let positions = ((frames - 1) * x.size[1] + height - 1) * x.size[2] + width;
    let vectors = Vectors::new();
    let blocks = sums.chunks_mut(CHANNELS * rows.len()).enumerate().collect();
    parallel::for_each(blocks, |(block, sums)| {
        vectors.dispatch(Block {
            x: &x.numbers,
            dy: &dy.numbers[block * CHANNELS * dy.channel()..],
            channel: dy.channel(),
            positions,
            rows: &rows,
            sums,
        });
    });
}

/// Up to [`CHANNELS`] output channels against all rows.
struct Block<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    /// Numbers from one channel of `dy` to the next.
    channel: usize,
    /// How many of them come before its last one that is not border.
    positions: usize,
    rows: &'a [usize],
    sums: &'a mut [f32],
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.rows.len();
        let channels = self.sums.len() / count;
        // A channel's numbers are followed by the next one's, so the last vector is cut by hand.
        let mut dy = vec![0.0; CHANNELS * POSITIONS];
        for start in (0..self.positions).step_by(POSITIONS) {
            let length = POSITIONS.min(self.positions - start);
            let padded = length.next_multiple_of(S::F32_LANES);
            for (c, line) in dy.chunks_exact_mut(POSITIONS).take(channels).enumerate() {
                let from = c * self.channel + start;
                line[..length].copy_from_slice(&self.dy[from..from + length]);
                line[length..padded].fill(0.0);
            }
            let x = &self.x[start..];
            for (group, rows) in self.rows.chunks(ROWS).enumerate() {
                // A short last group repeats its last row and drops what comes of it.
                let row = |i: usize| rows[i.min(rows.len() - 1)];
                let x: [&[f32]; ROWS] = std::array::from_fn(|i| &x[row(i)..row(i) + padded]);
                let products = block_sums(simd, &dy, x, padded);
                for (c, products) in products.iter().take(channels).enumerate() {
                    for (i, product) in products.iter().take(rows.len()).enumerate() {
                        self.sums[c * count + group * ROWS + i] += product;
                    }
                }
            }
        }
    }
}

/// Sums over `length` positions of [`CHANNELS`] lines of `dy` times [`ROWS`] lines of `x`.
#[inline(always)]
fn block_sums<S: Simd>(
    simd: S,
    dy: &[f32],
    x: [&[f32]; ROWS],
    length: usize,
) -> [[f32; ROWS]; CHANNELS] {
    let dy: [&[S::f32s]; CHANNELS] =
        std::array::from_fn(|c| S::as_simd_f32s(&dy[c * POSITIONS..c * POSITIONS + length]).0);
    let x: [&[S::f32s]; ROWS] = x.map(|line| S::as_simd_f32s(line).0);
    let vectors = length / S::F32_LANES;
    let dy = dy.map(|line| &line[..vectors]);
    let x = x.map(|line| &line[..vectors]);

    let mut sums = [[simd.splat_f32s(0.0); ROWS]; CHANNELS];
    for v in 0..vectors {
        let x: [S::f32s; ROWS] = std::array::from_fn(|i| x[i][v]);
        for (sums, dy) in sums.iter_mut().zip(dy) {
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = simd.mul_add_e_f32s(dy[v], x, *sum);
            }
        }
    }
    // Not with `map`: its closure is compiled without the vector instructions and calls each one.
    let mut reduced = [[0.0; ROWS]; CHANNELS];
    for (reduced, sums) in reduced.iter_mut().zip(sums) {
        for (reduced, sum) in reduced.iter_mut().zip(sums) {
            *reduced = simd.reduce_sum_f32s(sum);
        }
    }
    reduced
}
