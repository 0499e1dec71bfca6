//! Lag-1 temporal autocorrelation of subbands.

use crate::error::AnalysisError;
use crate::shape::CoefficientShape;
use crate::types::Autocorrelation;

/// Below this variance a channel counts as constant and its correlation as undefined.
const MIN_VARIANCE: f64 = 1e-12;

impl Autocorrelation {
    /// Correlation of every band frame with the next one, per band and channel of a band-major
    /// volume `[bands * latent_channels, T, H, W]`, in f64:
    ///
    /// `rho = mean over t < T - 1 and (h, w) of (z[t] - mu)(z[t + 1] - mu) / sigma^2`
    ///
    /// with `mu` and the population variance `sigma^2` taken over all `(t, h, w)` of the channel
    /// (LC-VAE, Eq. 11). As they are global, a still picture correlates perfectly with itself.
    ///
    /// Fails when the slice does not fit the shape or the channels are not whole bands.
    pub fn of(
        coefficients: &[f32],
        shape: CoefficientShape,
        latent_channels: usize,
    ) -> Result<Self, AnalysisError> {
        let plane = shape.plane();
        let rho = shape.map_channels(coefficients, latent_channels, |z| lag_one(z, plane))?;
        Ok(Self { rho })
    }

    /// Mean over the channels of each band for which it is defined.
    pub fn band_means(&self) -> Vec<Option<f64>> {
        self.rho.iter().map(|band| mean_of_defined(band)).collect()
    }
}

fn lag_one(channel: &[f32], plane: usize) -> Option<f64> {
    let pairs = channel
        .len()
        .checked_sub(plane)
        .filter(|&pairs| pairs > 0)?;
    let count = channel.len() as f64;
    let mean = channel.iter().map(|&z| f64::from(z)).sum::<f64>() / count;
    let centred = |z: &f32| f64::from(*z) - mean;
    let variance = channel.iter().map(|z| centred(z) * centred(z)).sum::<f64>() / count;
    if variance.is_nan() || variance < MIN_VARIANCE {
        return None;
    }
    let (now, next) = (&channel[..pairs], &channel[plane..]);
    let covariance = now
        .iter()
        .zip(next)
        .map(|(a, b)| centred(a) * centred(b))
        .sum::<f64>();
    Some(covariance / pairs as f64 / variance)
}

fn mean_of_defined(band: &[Option<f64>]) -> Option<f64> {
    let defined: Vec<f64> = band.iter().flatten().copied().collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rho(coefficients: &[f32], frames: usize, width: usize) -> Option<f64> {
        let shape = CoefficientShape {
            channels: 1,
            frames,
            height: 1,
            width,
        };
        Autocorrelation::of(coefficients, shape, 1).unwrap().rho[0][0]
    }

    #[test]
    fn a_still_picture_correlates_perfectly() {
        let value = rho(&[1., -2., 4., 1., -2., 4., 1., -2., 4.], 3, 3).unwrap();
        assert!((value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_alternating_one_is_its_own_opposite() {
        let value = rho(&[1., -1., -1., 1., 1., -1., -1., 1.], 4, 2).unwrap();
        assert!((value + 1.0).abs() < 1e-12);
    }

    #[test]
    fn it_is_undefined_for_one_frame_or_a_constant() {
        assert_eq!(rho(&[1., 2., 3.], 1, 3), None);
        assert_eq!(rho(&[0.5; 6], 2, 3), None);
        assert_eq!(rho(&[f32::NAN; 6], 2, 3), None);
    }

    #[test]
    fn band_means_skip_the_undefined() {
        let of = |rho| Autocorrelation { rho: vec![rho] }.band_means()[0];
        assert_eq!(of(vec![Some(0.5), None, Some(1.0)]), Some(0.75));
        assert_eq!(of(vec![None]), None);
    }
}
