//! Blocks of a clip in an orthonormal basis.

use crate::error::{AnalysisError, check_length};
use crate::shape::FrameShape;

/// Frames, rows and columns of a block.
pub const BLOCK: [usize; 3] = [4, 8, 8];
/// Samples of a block, its three colours included.
pub const BLOCK_LEN: usize = BLOCK[0] * BLOCK[1] * BLOCK[2] * COLOURS;
pub(super) const COLOURS: usize = 3;

/// Orthonormal vectors for blocks `[4, 8, 8, 3]`, most important first, around a mean block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockBasis {
    pub(super) mean: Vec<f32>,
    pub(super) vectors: Vec<Vec<f32>>,
}

impl BlockBasis {
    /// How many vectors there are.
    pub fn len(&self) -> usize {
        self.vectors.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.vectors.is_empty()
    }

    /// The clip `[T, H, W, 3]`, values in [0, 1], after keeping `count` numbers of each block (all
    /// that there are, if fewer), clamped to [0, 1].
    ///
    /// Sides that are no whole blocks are filled by repeating the last frame, row and column, which
    /// are cut away again.
    ///
    /// # Errors
    /// If the clip does not fit its shape or has a side of zero.
    pub fn reconstruct(
        &self,
        clip: &[f32],
        shape: FrameShape,
        count: usize,
    ) -> Result<Vec<f32>, AnalysisError> {
        check(clip, shape)?;
        let kept = &self.vectors[..count.min(self.vectors.len())];
        let mut result = vec![0.0; clip.len()];
        let mut block = vec![0.0; BLOCK_LEN];
        for corner in corners(shape) {
            gather(clip, shape, corner, &mut block);
            subtract(&mut block, &self.mean);
            let coordinates: Vec<f32> = kept.iter().map(|v| dot(v, &block)).collect();
            block.copy_from_slice(&self.mean);
            for (vector, coordinate) in kept.iter().zip(coordinates) {
                add_scaled(&mut block, vector, coordinate);
            }
            scatter(&block, shape, corner, &mut result);
        }
        Ok(result)
    }
}

pub(super) fn check(clip: &[f32], shape: FrameShape) -> Result<(), AnalysisError> {
    let samples = shape.frames * shape.frame_len();
    if samples == 0 {
        return Err(AnalysisError::Empty("clip"));
    }
    check_length("the clip", samples, clip.len())
}

/// The first frame, row and column of every block.
pub(super) fn corners(shape: FrameShape) -> impl Iterator<Item = [usize; 3]> {
    let [t, y, x] = [
        (0..shape.frames).step_by(BLOCK[0]),
        (0..shape.height).step_by(BLOCK[1]),
        (0..shape.width).step_by(BLOCK[2]),
    ];
    t.flat_map(move |t| {
        let x = x.clone();
        y.clone()
            .flat_map(move |y| x.clone().map(move |x| [t, y, x]))
    })
}

/// Copies a block out of the clip.
pub(super) fn gather(clip: &[f32], shape: FrameShape, [t, y, x]: [usize; 3], block: &mut [f32]) {
    let inside = |start: usize, step: usize, end: usize| (start + step).min(end - 1);
    for (i, pixel) in block.chunks_exact_mut(COLOURS).enumerate() {
        let [dt, dy, dx] = place(i);
        let row = inside(t, dt, shape.frames) * shape.height + inside(y, dy, shape.height);
        let at = (row * shape.width + inside(x, dx, shape.width)) * COLOURS;
        pixel.copy_from_slice(&clip[at..at + COLOURS]);
    }
}

fn scatter(block: &[f32], shape: FrameShape, [t, y, x]: [usize; 3], clip: &mut [f32]) {
    for (i, pixel) in block.chunks_exact(COLOURS).enumerate() {
        let [dt, dy, dx] = place(i);
        let (t, y, x) = (t + dt, y + dy, x + dx);
        if t < shape.frames && y < shape.height && x < shape.width {
            let at = ((t * shape.height + y) * shape.width + x) * COLOURS;
            for (to, value) in clip[at..at + COLOURS].iter_mut().zip(pixel) {
                *to = value.clamp(0.0, 1.0);
            }
        }
    }
}

/// Frame, row and column of pixel `index` of a block.
pub(super) fn place(index: usize) -> [usize; 3] {
    let [_, height, width] = BLOCK;
    [
        index / (height * width),
        index / width % height,
        index % width,
    ]
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn subtract(a: &mut [f32], b: &[f32]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
}

fn add_scaled(a: &mut [f32], b: &[f32], factor: f32) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that no few smooth functions describe.
    fn clip(frames: usize, height: usize, width: usize) -> (Vec<f32>, FrameShape) {
        let shape = FrameShape {
            frames,
            height,
            width,
        };
        let value = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 1000.0;
        let samples = shape.frames * shape.frame_len();
        ((0..samples).map(value).collect(), shape)
    }

    #[test]
    fn a_whole_basis_gives_the_clip_back() {
        let (clip, shape) = clip(7, 10, 12);
        let basis = BlockBasis::dct(BLOCK_LEN);
        let same = basis.reconstruct(&clip, shape, BLOCK_LEN).unwrap();
        let worst = clip.iter().zip(&same).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f32::max) < 1e-4);
    }

    #[test]
    fn more_numbers_never_make_it_worse() {
        let (clip, shape) = clip(8, 16, 16);
        let basis = BlockBasis::dct(64);
        let error = |count| {
            let made = basis.reconstruct(&clip, shape, count).unwrap();
            let squares = clip.iter().zip(&made).map(|(a, b)| (a - b).powi(2));
            squares.sum::<f32>()
        };
        let errors: Vec<f32> = [1, 4, 16, 64].map(error).into();
        assert!(errors.windows(2).all(|e| e[1] < e[0]), "{errors:?}");
    }

    #[test]
    fn clips_that_do_not_fit_are_refused() {
        let shape = FrameShape {
            frames: 1,
            height: 2,
            width: 2,
        };
        let basis = BlockBasis::dct(1);
        assert!(basis.reconstruct(&[0.0; 11], shape, 1).is_err());
        let empty = FrameShape { frames: 0, ..shape };
        assert!(basis.reconstruct(&[], empty, 1).is_err());
    }
}
