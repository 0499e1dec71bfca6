//! Adaptive Top-k: the strongest coefficients of a latent, found anew for each.
//!
//! The baseline that fixed masks are compared with. It sorts, so it works on plain numbers: a
//! device's tensors are read back first, which only native code may do. Source: spec/lcvae.md 7,
//! spec/lcvae-notes.md 3.4.

#[cfg(feature = "tensor")]
mod tensor;

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

/// A choice without an edge: what is far stronger than the weakest that is kept counts in full,
/// what is far weaker not at all, and gradients flow through how strong it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soft {
    /// Difference in strength over which a share falls from one half to 0.27; above 0.
    pub temperature: f64,
    /// Whether shares are scaled to add up to the number that a hard choice keeps.
    #[serde(default)]
    pub exact: bool,
}

/// Which of `strengths` are among the strongest `share` (0 to 1) of them, halves rounded to even.
/// Of equals the first count as stronger.
pub fn strongest(strengths: &[f64], share: f64) -> Vec<bool> {
    let mut kept = vec![false; strengths.len()];
    for index in by_strength(strengths).take(count_kept(strengths.len(), share)) {
        kept[index] = true;
    }
    kept
}

/// The weakest of those that [`strongest`] keeps; `None` if it keeps none.
pub fn weakest_kept(strengths: &[f64], share: f64) -> Option<f64> {
    let last = count_kept(strengths.len(), share).checked_sub(1)?;
    by_strength(strengths)
        .nth(last)
        .map(|index| strengths[index])
}

/// How many of `count` are kept.
pub fn count_kept(count: usize, share: f64) -> usize {
    (share * count as f64).round_ties_even() as usize
}

/// Where they are, strongest first.
fn by_strength(strengths: &[f64]) -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..strengths.len()).collect();
    order.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]));
    order.into_iter()
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
    fn the_weakest_that_is_kept() {
        let strengths = [1.0, 3.0, 2.0, 0.0];
        assert_eq!(weakest_kept(&strengths, 0.5), Some(2.0));
        assert_eq!(weakest_kept(&strengths, 1.0), Some(0.0));
        assert_eq!(weakest_kept(&strengths, 0.0), None);
    }
}
