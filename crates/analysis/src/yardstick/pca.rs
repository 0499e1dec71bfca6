//! Principal components of blocks.

use super::basis::{BLOCK_LEN, BlockBasis, check, corners, gather};
use crate::eigen::symmetric_eigen;
use crate::error::AnalysisError;
use crate::shape::FrameShape;

/// Blocks added to the sums at once: a row of the matrix stays in the cache meanwhile.
const AT_ONCE: usize = 64;

/// Mean and covariance of blocks, gathered clip by clip.
#[derive(Clone, Debug)]
pub struct BlockStatistics {
    count: usize,
    sum: Vec<f64>,
    /// Upper triangle of the sum of outer products, in full rows.
    products: Vec<f64>,
}

impl Default for BlockStatistics {
    fn default() -> Self {
        Self {
            count: 0,
            sum: vec![0.0; BLOCK_LEN],
            products: vec![0.0; BLOCK_LEN * BLOCK_LEN],
        }
    }
}

impl BlockStatistics {
    /// Adds blocks of a clip `[T, H, W, 3]`, values in [0, 1]: at most `most`, evenly spread, so
    /// that no clip outweighs the others.
    ///
    /// # Errors
    /// If the clip does not fit its shape or has a side of zero.
    pub fn add(
        &mut self,
        clip: &[f32],
        shape: FrameShape,
        most: usize,
    ) -> Result<(), AnalysisError> {
        check(clip, shape)?;
        let corners: Vec<[usize; 3]> = corners(shape).collect();
        let taken = most.min(corners.len());
        let chosen: Vec<[usize; 3]> = (0..taken)
            .map(|i| corners[i * corners.len() / taken])
            .collect();
        for part in chosen.chunks(AT_ONCE) {
            let mut blocks = vec![0.0; part.len() * BLOCK_LEN];
            for (corner, block) in part.iter().zip(blocks.chunks_exact_mut(BLOCK_LEN)) {
                gather(clip, shape, *corner, block);
            }
            self.add_blocks(&blocks);
        }
        Ok(())
    }

    fn add_blocks(&mut self, blocks: &[f32]) {
        let blocks: Vec<f64> = blocks.iter().map(|&v| f64::from(v)).collect();
        for block in blocks.chunks_exact(BLOCK_LEN) {
            self.count += 1;
            self.sum.iter_mut().zip(block).for_each(|(s, v)| *s += v);
        }
        for (i, row) in self.products.chunks_exact_mut(BLOCK_LEN).enumerate() {
            for block in blocks.chunks_exact(BLOCK_LEN) {
                let factor = block[i];
                let pairs = row[i..].iter_mut().zip(&block[i..]);
                pairs.for_each(|(sum, value)| *sum += factor * value);
            }
        }
    }

    /// Blocks added so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The `components` directions in which blocks vary most (768 at most), around their mean.
    ///
    /// # Errors
    /// If there are fewer than two blocks.
    pub fn principal(&self, components: usize) -> Result<BlockBasis, AnalysisError> {
        if self.count < 2 {
            return Err(AnalysisError::Empty("set of blocks"));
        }
        let count = self.count as f64;
        let mean: Vec<f64> = self.sum.iter().map(|sum| sum / count).collect();
        let mut covariance = vec![0.0; BLOCK_LEN * BLOCK_LEN];
        for i in 0..BLOCK_LEN {
            for j in i..BLOCK_LEN {
                let value = self.products[i * BLOCK_LEN + j] / count - mean[i] * mean[j];
                covariance[i * BLOCK_LEN + j] = value;
                covariance[j * BLOCK_LEN + i] = value;
            }
        }
        let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect();
        let vectors = symmetric_eigen(&covariance, BLOCK_LEN);
        Ok(BlockBasis {
            mean: narrow(mean),
            vectors: vectors
                .into_iter()
                .take(components)
                .map(|eigen| narrow(eigen.vector))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yardstick::BLOCK;

    const SHAPE: FrameShape = FrameShape {
        frames: BLOCK[0],
        height: BLOCK[1],
        width: 160 * BLOCK[2],
    };

    /// Blocks that are a mean and two patterns of different strength.
    fn clip() -> Vec<f32> {
        let mut clip = vec![0.0; SHAPE.frames * SHAPE.frame_len()];
        for (at, value) in clip.iter_mut().enumerate() {
            let column = at / 3 % SHAPE.width;
            let (block, x) = (column / 8, column % 8);
            let row = at / 3 / SHAPE.width;
            let strong = 0.2 * (block as f32 * 1.7).sin() * if x < 4 { 1.0 } else { -1.0 };
            let weak =
                0.05 * (block as f32 * 0.9).cos() * if row.is_multiple_of(2) { 1.0 } else { -1.0 };
            *value = 0.5 + strong + weak;
        }
        clip
    }

    #[test]
    fn two_patterns_need_two_components() {
        let clip = clip();
        let mut statistics = BlockStatistics::default();
        statistics.add(&clip, SHAPE, usize::MAX).unwrap();
        assert_eq!(statistics.count(), 160);
        let basis = statistics.principal(2).unwrap();
        let worst = |count| {
            let made = basis.reconstruct(&clip, SHAPE, count).unwrap();
            let errors = clip.iter().zip(&made).map(|(a, b)| (a - b).abs());
            errors.fold(0.0, f32::max)
        };
        assert!(worst(2) < 1e-4, "{}", worst(2));
        let one = worst(1);
        assert!((0.03..0.06).contains(&one), "the weak one is left: {one}");
    }

    #[test]
    fn blocks_are_spread_over_the_clip() {
        let mut statistics = BlockStatistics::default();
        statistics.add(&clip(), SHAPE, 7).unwrap();
        assert_eq!(statistics.count(), 7);
        assert!(BlockStatistics::default().principal(1).is_err());
    }
}
