//! Masks by energy: the paper's adaptive Top-k baseline, frozen for evaluation.
//!
//! The coefficient channels with the most energy, averaged over clips that are not measured, are
//! kept; ties go to the lower channel. Source: spec/lcvae-notes.md 3.4.

use anyhow::Result;
use wavelet::{Group, MaskChoice};

use super::rows::{Trial, trial};
use crate::codec::Codec;
use crate::commands::analyse::groups;
use crate::commands::footage::Sample;

/// Clips that the energies are averaged over at most.
const MOST: usize = 32;

/// A mask for every ratio of channels kept.
pub(super) fn trials(codec: &Codec, ratios: &[f64], samples: &[Sample]) -> Result<Vec<Trial>> {
    if ratios.is_empty() {
        return Ok(Vec::new());
    }
    let config = codec.model.config();
    let mut energies = vec![0.0; Group::COUNT * config.channels()];
    for sample in samples.iter().step_by(samples.len().div_ceil(MOST)) {
        let energy = groups(config, codec.encode(&sample.clip)?)?;
        let channels = energy.mean_square.iter().flatten();
        energies
            .iter_mut()
            .zip(channels)
            .for_each(|(sum, e)| *sum += e);
    }
    let trial = |ratio: &f64| {
        let label = format!("Top-k {:.0} % by energy", 100.0 * ratio);
        trial(
            config,
            label,
            &MaskChoice::Channels(largest(&energies, *ratio)),
        )
    };
    ratios.iter().map(trial).collect()
}

/// The places of the largest values, ascending.
fn largest(values: &[f64], ratio: f64) -> Vec<usize> {
    let count = (ratio * values.len() as f64).round() as usize;
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    places.truncate(count);
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_lower_channel() {
        assert_eq!(largest(&[1.0, 3.0, 2.0, 3.0, 1.0, 1.0], 0.5), [1, 2, 3]);
        assert_eq!(largest(&[1.0, 1.0, 1.0, 1.0], 0.5), [0, 1]);
    }
}
