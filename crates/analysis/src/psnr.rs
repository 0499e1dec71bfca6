//! Peak signal-to-noise ratio.

use crate::error::{AnalysisError, check_length};

/// PSNR in dB of one frame against its original, values in [0, 1] (peak 1), in any one layout:
///
/// `-10 log10(mean over all samples of (original - reconstruction)^2)`
///
/// Infinite for identical frames. Fails on slices of different length or without samples.
pub fn psnr(original: &[f32], reconstruction: &[f32]) -> Result<f64, AnalysisError> {
    check_length("the reconstruction", original.len(), reconstruction.len())?;
    if original.is_empty() {
        return Err(AnalysisError::Empty("frame"));
    }
    let squares = original.iter().zip(reconstruction).map(|(&a, &b)| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    });
    Ok(-10.0 * (squares.sum::<f64>() / original.len() as f64).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_off_everywhere_is_twenty_decibels() {
        let value = psnr(&[0.5; 12], &[0.6; 12]).unwrap();
        assert!((value - 20.0).abs() < 1e-5, "{value}");
    }

    #[test]
    fn identical_frames_are_infinitely_close() {
        assert_eq!(psnr(&[0.1, 0.9], &[0.1, 0.9]).unwrap(), f64::INFINITY);
    }

    #[test]
    fn frames_of_different_length_are_refused() {
        assert!(psnr(&[0.0; 3], &[0.0; 4]).is_err());
        assert!(psnr(&[], &[]).is_err());
    }
}
