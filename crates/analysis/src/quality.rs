//! Quality of a whole clip, frame by frame.

use crate::error::{AnalysisError, check_length};
use crate::psnr::psnr;
use crate::shape::FrameShape;
use crate::ssim::ssim;
use crate::types::FrameQuality;

/// [`psnr`] and [`ssim`] of every frame of a reconstruction `[T, H, W, 3]` against its original of
/// the same shape, values in [0, 1].
///
/// Fails when a slice does not fit the shape or a frame has no pixels.
pub fn clip_quality(
    original: &[f32],
    reconstruction: &[f32],
    shape: FrameShape,
) -> Result<Vec<FrameQuality>, AnalysisError> {
    let frame = shape.frame_len();
    if frame == 0 {
        return Err(AnalysisError::Empty("frame"));
    }
    check_length("the original", shape.frames * frame, original.len())?;
    check_length(
        "the reconstruction",
        shape.frames * frame,
        reconstruction.len(),
    )?;
    let pairs = original
        .chunks_exact(frame)
        .zip(reconstruction.chunks_exact(frame));
    pairs.map(|(a, b)| frame_quality(a, b, shape)).collect()
}

fn frame_quality(a: &[f32], b: &[f32], shape: FrameShape) -> Result<FrameQuality, AnalysisError> {
    Ok(FrameQuality {
        psnr: psnr(a, b)?,
        ssim: ssim(a, b, shape.height, shape.width)?,
    })
}

/// Quality of a clip: the mean of its frames' PSNR in dB (infinite if one frame is identical) and
/// of their SSIM. `None` without frames.
pub fn mean_quality(frames: &[FrameQuality]) -> Option<FrameQuality> {
    let count = frames.len() as f64;
    let psnr = frames.iter().map(|frame| frame.psnr).sum::<f64>() / count;
    let ssim = frames
        .iter()
        .map(|frame| frame.ssim)
        .sum::<Option<f64>>()
        .map(|sum| sum / count);
    (!frames.is_empty()).then_some(FrameQuality { psnr, ssim })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_measured_one_by_one() {
        let shape = FrameShape {
            frames: 2,
            height: 1,
            width: 1,
        };
        let quality = clip_quality(&[0.0; 6], &[0.1, 0.1, 0.1, 0.01, 0.01, 0.01], shape).unwrap();
        assert!((quality[0].psnr - 20.0).abs() < 1e-5 && (quality[1].psnr - 40.0).abs() < 1e-5);
        let mean = mean_quality(&quality).unwrap();
        assert!(
            (mean.psnr - 30.0).abs() < 1e-5,
            "decibels are averaged, not squared errors"
        );
        assert_eq!(mean.ssim, None);
    }

    #[test]
    fn no_frames_have_no_mean() {
        assert_eq!(mean_quality(&[]), None);
    }

    #[test]
    fn a_clip_that_does_not_fit_is_refused() {
        let shape = FrameShape {
            frames: 2,
            height: 1,
            width: 1,
        };
        assert!(clip_quality(&[0.0; 6], &[0.0; 3], shape).is_err());
        let empty = FrameShape { width: 0, ..shape };
        assert!(clip_quality(&[], &[], empty).is_err());
    }
}
