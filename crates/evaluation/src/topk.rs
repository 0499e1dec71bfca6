//! Masks by energy: the paper's adaptive Top-k baseline, frozen for evaluation.

use anyhow::Result;
use codec::Codec;
use wavelet::MaskChoice;

use crate::content::groups;
use crate::rows::{Trial, trial};
use crate::sample::Sample;
use crate::strongest::{mean_squares, strongest};

/// Clips that the energies are averaged over at most.
const MOST: usize = 32;

/// A mask for every ratio of channels kept, fitted on clips that are not measured.
pub(crate) fn trials(codec: &Codec, ratios: &[f64], samples: &[Sample]) -> Result<Vec<Trial>> {
    if ratios.is_empty() {
        return Ok(Vec::new());
    }
    let config = codec.model.config();
    let some = samples.iter().step_by(samples.len().div_ceil(MOST));
    let energies = some
        .map(|sample| {
            let clip = &sample.clip;
            groups(config, codec.encode(clip, &codec.as_one_shot(clip))?)
        })
        .collect::<Result<Vec<_>>>()?;
    let means = mean_squares(energies.iter(), config.channels());
    let trial = |ratio: &f64| {
        let label = format!("Top-k {:.0} % by energy", 100.0 * ratio);
        let mask = MaskChoice::Channels(strongest(&means, *ratio));
        trial(config, label, mask)
    };
    ratios.iter().map(trial).collect()
}
