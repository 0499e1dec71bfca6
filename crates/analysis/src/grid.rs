//! Whether a reconstruction shows the blocks that it is made of.

use crate::error::{AnalysisError, check_length};
use crate::shape::FrameShape;

/// Pixels of a block, a side: what nearly all video autoencoders make one latent position of.
pub const BLOCK_SIDE: usize = 8;

const RGB: usize = 3;

/// How much more a reconstruction's error jumps across the edges of its blocks than elsewhere: with
/// `e = reconstruction - original`, both `[T, H, W, 3]`, the mean of `|e[i + 1] - e[i]|` over horizontal
/// and vertical neighbours in different blocks of `side x side` pixels, over that of neighbours in the
/// same block. 1 where there is no grid. Blocks begin at the top left corner.
///
/// `None` where there is no edge, or no error inside the blocks to compare with.
///
/// # Errors
/// If a slice does not fit the shape.
pub fn block_grid(
    original: &[f32],
    reconstruction: &[f32],
    shape: FrameShape,
    side: usize,
) -> Result<Option<f64>, AnalysisError> {
    let samples = shape.frames * shape.frame_len();
    check_length("the original", samples, original.len())?;
    check_length("the reconstruction", samples, reconstruction.len())?;
    let errors = original.iter().zip(reconstruction);
    let errors: Vec<f32> = errors.map(|(a, b)| b - a).collect();
    let row = shape.width * RGB;
    let mut jumps = [Jumps::default(), Jumps::default()];
    let kind = |place: usize| usize::from(place.is_multiple_of(side));
    for frame in errors.chunks_exact(shape.frame_len().max(1)) {
        for y in 1..shape.height {
            let (above, here) = (&frame[(y - 1) * row..y * row], &frame[y * row..]);
            let far = above.iter().zip(here).map(|(a, b)| jump(*a, *b));
            jumps[kind(y)].add(far.sum(), row);
        }
        for line in frame.chunks_exact(row) {
            for x in 1..shape.width {
                let pixels = &line[(x - 1) * RGB..(x + 1) * RGB];
                let far = (0..RGB).map(|channel| jump(pixels[channel], pixels[channel + RGB]));
                jumps[kind(x)].add(far.sum(), RGB);
            }
        }
    }
    let [inside, edges] = jumps.map(|jumps| jumps.mean());
    let inside = inside.filter(|mean| *mean > 0.0);
    Ok(edges.zip(inside).map(|(edges, inside)| edges / inside))
}

fn jump(a: f32, b: f32) -> f64 {
    f64::from((b - a).abs())
}

#[derive(Default)]
struct Jumps {
    sum: f64,
    count: usize,
}

impl Jumps {
    fn add(&mut self, sum: f64, count: usize) {
        self.sum += sum;
        self.count += count;
    }

    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: FrameShape = FrameShape {
        frames: 2,
        height: 8,
        width: 12,
    };

    /// The grid of an error that depends on the place alone.
    fn of(error: impl Fn(usize, usize) -> f32) -> Option<f64> {
        let frame = (0..SHAPE.height).flat_map(|y| (0..SHAPE.width).map(move |x| (y, x)));
        let frame: Vec<f32> = frame.flat_map(|(y, x)| [error(y, x); RGB]).collect();
        let original = vec![0.0; 2 * frame.len()];
        block_grid(&original, &frame.repeat(2), SHAPE, 4).unwrap()
    }

    #[test]
    fn jumps_at_the_edges_are_set_against_the_others() {
        let slope = of(|y, x| 0.25 * (x + y) as f32).unwrap();
        assert!((slope - 1.0).abs() < 1e-6, "{slope}");
        // A jump of 3 at every edge on a slope of 1: 4 against 1.
        let blocks = of(|y, x| (x + 3 * (x / 4) + y + 3 * (y / 4)) as f32).unwrap();
        assert!((blocks - 4.0).abs() < 1e-6, "{blocks}");
        let shifted = of(|y, x| (x + 3 * ((x + 2) / 4) + y + 3 * ((y + 2) / 4)) as f32).unwrap();
        assert!(shifted < 1.0, "{shifted}");
    }

    #[test]
    fn without_edges_or_errors_there_is_no_ratio() {
        assert_eq!(of(|_, _| 0.5), None);
        let small = FrameShape {
            frames: 1,
            height: 4,
            width: 4,
        };
        let error: Vec<f32> = (0..48).map(|i| i as f32).collect();
        assert_eq!(block_grid(&[0.0; 48], &error, small, 4).unwrap(), None);
        assert!(block_grid(&[0.0; 47], &error, small, 4).is_err());
    }
}
