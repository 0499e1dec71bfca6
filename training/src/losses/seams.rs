//! The grid of blocks that a decoder leaves where neighbouring latents disagree.

use analysis::BLOCK_SIDE;
use burn::tensor::Tensor;

const HEIGHT: usize = 3;
const WIDTH: usize = 4;

/// Mean absolute jump of an error `[B, 3, T, H, W]` from one block of a latent to the next, `[1]`: across
/// the horizontal edges of the 8x8 blocks and the vertical ones. Zero where there is a single block.
///
/// An error that is smooth, or as rough at the edges as inside, is what it is; one that belongs to
/// whole blocks is seen as a grid. H and W are multiples of 8.
pub(super) fn seams(error: &Tensor<5>) -> Tensor<1> {
    let jumps = [HEIGHT, WIDTH].map(|axis| across(error, axis));
    let zero = Tensor::zeros([1], &error.device());
    jumps
        .into_iter()
        .flatten()
        .fold(zero, |sum, jump| sum + jump)
        / 2.0
}

fn across(error: &Tensor<5>, axis: usize) -> Option<Tensor<1>> {
    let dims = error.dims();
    let (before, after) = (
        dims[..axis].iter().product(),
        dims[axis + 1..].iter().product(),
    );
    let blocks = dims[axis] / BLOCK_SIDE;
    if blocks < 2 {
        return None;
    }
    let shape: [usize; 4] = [before, blocks, BLOCK_SIDE, after];
    let by_blocks = error.clone().reshape(shape);
    let last = by_blocks.clone().slice_dim(1, 0..blocks - 1);
    let last = last.slice_dim(2, BLOCK_SIDE - 1..BLOCK_SIDE);
    let first = by_blocks.slice_dim(1, 1..blocks).slice_dim(2, 0..1);
    Some((first - last).abs().mean())
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use e2e::vectors::values;

    use super::*;

    /// The loss of an error that depends on the place alone, the same in two frames.
    fn of(height: usize, width: usize, error: impl Fn(usize, usize) -> f32) -> f32 {
        let frame = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
        let frame: Vec<f32> = frame.map(|(y, x)| error(y, x)).collect();
        let data = TensorData::new(frame.repeat(6), [1, 3, 2, height, width]);
        values(seams(&Tensor::from_data(data, &Device::flex())))[0]
    }

    #[test]
    fn only_what_happens_at_the_edges_counts() {
        // Half of the edges are jumped across: the vertical ones, by 3.
        assert_eq!(of(16, 24, |_, x| 3.0 * (x / 8) as f32), 1.5);
        assert_eq!(of(16, 24, |y, _| -4.0 * (y / 8) as f32), 2.0);
        assert_eq!(
            of(16, 16, |y, x| (((y + 4) / 8 + (x + 4) / 8) % 2) as f32),
            0.0
        );
        assert_eq!(of(8, 8, |y, x| (y * x) as f32), 0.0);
        // One row of blocks has vertical edges only.
        assert_eq!(of(8, 16, |_, x| (x / 8) as f32), 0.5);
    }
}
