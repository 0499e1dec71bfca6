//! How clips move and how rich in detail they are, and how far a reconstruction flickers.

use crate::error::{AnalysisError, check_length};
use crate::shape::FrameShape;

const COLOURS: usize = 3;
/// BT.601 luma.
const LUMA: [f32; COLOURS] = [0.299, 0.587, 0.114];

/// What a clip is like, for choosing clips by a measure and not by taste.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Content {
    /// Mean absolute difference between horizontal and vertical neighbours in luma, 0 to 1.
    pub texture: f64,
    /// Mean absolute difference between the luma of one frame and the next, 0 to 1; 0 for a
    /// single frame.
    pub motion: f64,
}

impl Content {
    /// Measures a clip `[T, H, W, 3]`, values in [0, 1].
    ///
    /// # Errors
    /// If it does not fit its shape or has a side of zero.
    pub fn of(clip: &[f32], shape: FrameShape) -> Result<Self, AnalysisError> {
        check(clip, shape, "the clip")?;
        let luma: Vec<f32> = clip.chunks_exact(COLOURS).map(luma).collect();
        let (width, plane) = (shape.width, shape.width * shape.height);
        let frames = luma.chunks_exact(plane);
        let texture = frames.clone().map(|frame| {
            let across = frame.chunks_exact(width).map(|row| (&row[1..], row));
            let across = across.map(|(next, row)| difference(next, row));
            let down = difference(&frame[width..], frame);
            let (sum, count) = across.fold(down, |a, b| (a.0 + b.0, a.1 + b.1));
            ratio(sum, count)
        });
        let (moved, count) = difference(&luma[plane..], &luma);
        Ok(Self {
            texture: texture.sum::<f64>() / shape.frames as f64,
            motion: ratio(moved, count),
        })
    }
}

/// How far a reconstruction changes over time otherwise than its original `[T, H, W, 3]`, both in
/// [0, 1]: mean over samples and pairs of frames of
///
/// `|(reconstruction[t + 1] - reconstruction[t]) - (original[t + 1] - original[t])|`
///
/// (the "flickering" of the LC-VAE code, spec/metrics.md 8). `None` for a single frame.
///
/// # Errors
/// If a slice does not fit the shape or has a side of zero.
pub fn flicker(
    original: &[f32],
    reconstruction: &[f32],
    shape: FrameShape,
) -> Result<Option<f64>, AnalysisError> {
    check(original, shape, "the original")?;
    check(reconstruction, shape, "the reconstruction")?;
    let frame = shape.frame_len();
    let errors = original.iter().zip(reconstruction);
    let errors: Vec<f32> = errors.map(|(a, b)| b - a).collect();
    let (sum, count) = difference(&errors[frame..], &errors);
    Ok((count > 0).then(|| ratio(sum, count)))
}

fn check(clip: &[f32], shape: FrameShape, what: &'static str) -> Result<(), AnalysisError> {
    let samples = shape.frames * shape.frame_len();
    if samples == 0 {
        return Err(AnalysisError::Empty("clip"));
    }
    check_length(what, samples, clip.len())
}

fn luma(pixel: &[f32]) -> f32 {
    pixel
        .iter()
        .zip(LUMA)
        .map(|(value, share)| value * share)
        .sum()
}

/// Sum and number of the absolute differences between two slices, as far as both go.
fn difference(a: &[f32], b: &[f32]) -> (f64, usize) {
    let pairs = a.iter().zip(b);
    let count = pairs.len();
    (pairs.map(|(a, b)| f64::from((a - b).abs())).sum(), count)
}

fn ratio(sum: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: FrameShape = FrameShape {
        frames: 3,
        height: 2,
        width: 2,
    };

    /// Frames of one grey level each.
    fn flat(levels: [f32; 3]) -> Vec<f32> {
        levels.iter().flat_map(|level| [*level; 12]).collect()
    }

    #[test]
    fn flicker_is_what_the_original_does_not_do() {
        let original = flat([0.1, 0.2, 0.4]);
        let offset = flat([0.2, 0.3, 0.5]);
        let shaken = flat([0.1, 0.3, 0.4]);
        let measure = |made: &[f32]| flicker(&original, made, SHAPE).unwrap().unwrap();
        assert!(measure(&offset) < 1e-7, "a constant error does not flicker");
        assert!((measure(&shaken) - 0.1).abs() < 1e-6);
        let single = FrameShape { frames: 1, ..SHAPE };
        assert_eq!(flicker(&[0.0; 12], &[0.0; 12], single).unwrap(), None);
        assert!(flicker(&original, &original[1..], SHAPE).is_err());
    }

    #[test]
    fn texture_and_motion_are_told_apart() {
        let moving = Content::of(&flat([0.0, 0.5, 1.0]), SHAPE).unwrap();
        assert!(moving.texture == 0.0 && (moving.motion - 0.5).abs() < 1e-6);
        let columns = [0.0, 0.0, 0.0, 0.4, 0.4, 0.4].repeat(6);
        let still = Content::of(&columns, SHAPE).unwrap();
        assert_eq!(still.motion, 0.0);
        assert!(
            (still.texture - 0.2).abs() < 1e-6,
            "half of the neighbours differ"
        );
    }
}
