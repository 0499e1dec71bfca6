//! Adaptive Top-k: the strongest coefficients of a latent, found anew for each.
//!
//! The baseline that fixed masks are compared with. It sorts, so it works on plain numbers: a
//! device's tensors are read back first, which only native code may do. Source: spec/lcvae.md 7,
//! spec/lcvae-notes.md 3.4.

use serde::{Deserialize, Serialize};

/// What a coefficient channel is judged by, over the frames and positions of one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The sum of squares.
    #[default]
    Energy,
    /// The variance.
    Variance,
    /// Energy and 0.3 times the variance.
    Mix,
}

/// What one choice is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Channels, by the mean over the batch.
    #[default]
    Batch,
    /// Channels, for every sample by itself.
    Sample,
    /// Single coefficients of a sample, by their squares.
    Position,
}

/// Weight of the variance in [`Strength::Mix`].
const MIX: f64 = 0.3;

impl Strength {
    /// The strength of each channel. `values` are `[channels, n]`, row after row.
    pub fn of_channels(self, values: &[f32], channels: usize) -> Vec<f64> {
        let rows = values.chunks(values.len() / channels.max(1));
        rows.map(|row| self.of(row)).collect()
    }

    fn of(self, row: &[f32]) -> f64 {
        let count = row.len() as f64;
        let energy: f64 = row.iter().map(|&v| f64::from(v).powi(2)).sum();
        let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let squares = row.iter().map(|&v| (f64::from(v) - mean).powi(2));
        let variance = squares.sum::<f64>() / count;
        match self {
            Self::Energy => energy,
            Self::Variance => variance,
            Self::Mix => energy + MIX * variance,
        }
    }
}

/// Which of `strengths` are among the strongest `share` (0 to 1) of them, halves rounded to even.
/// Of equals the first count as stronger.
pub fn strongest(strengths: &[f64], share: f64) -> Vec<bool> {
    let count = (share * strengths.len() as f64).round_ties_even() as usize;
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]));
    let mut kept = vec![false; strengths.len()];
    for index in order.into_iter().take(count) {
        kept[index] = true;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equals_the_first_are_kept() {
        let kept = strongest(&[1.0, 3.0, 2.0, 2.0, 2.0, 0.0], 0.5);
        assert_eq!(kept, [false, true, true, true, false, false]);
    }

    #[test]
    fn halves_are_rounded_to_even() {
        let count = |n: usize| strongest(&vec![0.0; n], 0.5).iter().filter(|k| **k).count();
        assert_eq!((count(5), count(7)), (2, 4));
    }

    #[test]
    fn strengths_are_what_their_names_say() {
        let values = [1.0, 3.0, -2.0, -2.0];
        let of = |strength: Strength| strength.of_channels(&values, 2);
        assert_eq!(of(Strength::Energy), [10.0, 8.0]);
        assert_eq!(of(Strength::Variance), [1.0, 0.0]);
        assert_eq!(of(Strength::Mix), [10.3, 8.0]);
    }
}
