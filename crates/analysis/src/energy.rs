//! Energy of subbands.

use crate::error::AnalysisError;
use crate::shape::CoefficientShape;
use crate::types::Energy;

impl Energy {
    /// Mean square of every band and channel of a band-major volume
    /// `[bands * latent_channels, T, H, W]`, accumulated in f64:
    ///
    /// `mean_square[b][c] = sum over (t, h, w) of z[b * latent_channels + c, t, h, w]^2 / (T H W)`
    ///
    /// Fails when the slice does not fit the shape or the channels are not whole bands.
    pub fn of(
        coefficients: &[f32],
        shape: CoefficientShape,
        latent_channels: usize,
    ) -> Result<Self, AnalysisError> {
        let mean_square = shape.map_channels(coefficients, latent_channels, mean_square)?;
        Ok(Self { mean_square })
    }

    /// Mean square of each band, averaged over its channels.
    pub fn band_means(&self) -> Vec<f64> {
        self.mean_square
            .iter()
            .map(|band| band.iter().sum::<f64>() / band.len().max(1) as f64)
            .collect()
    }

    /// Mean squares summed over bands and channels. Every channel of every band has as many
    /// coefficients, so this is proportional to the energy of the whole volume.
    pub fn total(&self) -> f64 {
        self.mean_square.iter().flatten().sum()
    }

    /// Each band's share of the total, 0 to 1, summing to 1 (all zero for a silent volume).
    pub fn band_shares(&self) -> Vec<f64> {
        let total = self.total();
        self.mean_square
            .iter()
            .map(|band| share(band.iter().sum(), total))
            .collect()
    }

    /// The share, `shares[band][channel]`, of every channel in the total.
    pub fn shares(&self) -> Vec<Vec<f64>> {
        let total = self.total();
        let of_total = |band: &Vec<f64>| band.iter().map(|&e| share(e, total)).collect();
        self.mean_square.iter().map(of_total).collect()
    }

    /// Share of the energy, 0 to 1, in the coefficient channels that are kept. `kept` is
    /// band-major, one flag for each of the `bands * C` channels; channels past its end count as
    /// dropped. A silent volume loses nothing: 1.
    pub fn retained(&self, kept: &[bool]) -> f64 {
        let total = self.total();
        if total <= 0.0 {
            return 1.0;
        }
        let channels = self.mean_square.iter().flatten();
        channels
            .zip(kept)
            .filter(|(_, kept)| **kept)
            .map(|(energy, _)| energy)
            .sum::<f64>()
            / total
    }
}

fn mean_square(channel: &[f32]) -> f64 {
    channel
        .iter()
        .map(|&z| f64::from(z) * f64::from(z))
        .sum::<f64>()
        / channel.len() as f64
}

fn share(part: f64, total: f64) -> f64 {
    if total > 0.0 { part / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: CoefficientShape = CoefficientShape {
        channels: 4,
        frames: 1,
        height: 1,
        width: 2,
    };

    #[test]
    fn bands_are_runs_of_channels() {
        let energy = Energy::of(&[1., 1., 2., 2., 3., 3., 4., 4.], SHAPE, 2).unwrap();
        assert_eq!(energy.mean_square, [[1., 4.], [9., 16.]]);
        assert_eq!(energy.band_shares(), [5. / 30., 25. / 30.]);
        assert_eq!(energy.band_means(), [2.5, 12.5]);
    }

    #[test]
    fn retained_adds_up_the_kept_channels() {
        let energy = Energy::of(&[1., 1., 2., 2., 3., 3., 4., 4.], SHAPE, 2).unwrap();
        assert_eq!(energy.retained(&[true; 4]), 1.0);
        assert_eq!(energy.retained(&[false; 4]), 0.0);
        assert_eq!(energy.retained(&[true, false, false, true]), 17. / 30.);
    }

    #[test]
    fn a_silent_volume_loses_nothing() {
        let energy = Energy::of(&[0.; 8], SHAPE, 2).unwrap();
        assert_eq!(energy.retained(&[false; 4]), 1.0);
        assert_eq!(energy.band_shares(), [0., 0.]);
    }

    #[test]
    fn misfits_are_errors() {
        assert!(matches!(
            Energy::of(&[0.; 7], SHAPE, 2),
            Err(AnalysisError::Length { .. })
        ));
        assert!(matches!(
            Energy::of(&[0.; 8], SHAPE, 3),
            Err(AnalysisError::Bands { .. })
        ));
        assert!(matches!(
            Energy::of(&[0.; 8], SHAPE, 0),
            Err(AnalysisError::Bands { .. })
        ));
        let empty = CoefficientShape { frames: 0, ..SHAPE };
        assert!(matches!(
            Energy::of(&[], empty, 2),
            Err(AnalysisError::Empty(_))
        ));
    }
}
