//! A row of the table: one model under one mask, on every clip of a set.

use std::path::Path;

use anyhow::Result;
use codec::Codec;
use codec::MaskArg;
use indicatif::ProgressBar;
use vae::ModelConfig;
use wavelet::{Mask, MaskChoice};

use crate::coding::Coding;
use crate::networks::Networks;
use crate::sample::Sample;
use crate::score::{ClipScore, Pixels};

/// What a row measures.
pub(crate) struct Row {
    /// The model's folder, or what else made the pictures.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// How the mask is called; empty where there is none.
    pub(crate) mask: String,
    /// The mask itself.
    pub(crate) choice: Option<MaskChoice>,
    /// Latent channels before the mask, and the share of coefficients that it keeps.
    pub(crate) latent: Option<(usize, f64)>,
    /// Numbers stored for a clip; the most, where some cut from shot to shot.
    pub(crate) values: Option<usize>,
    pub(crate) scores: Vec<ClipScore>,
}

/// How a row came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The model under the mask that it was trained with.
    AsTrained,
    /// Post-training latent compression: a model trained without a mask, zeroed afterwards.
    Ptlc,
    /// A model that was trained with a mask, under another one.
    OtherMask,
    /// No network.
    Yardstick,
    /// What the models are given, where that is not the clip itself.
    Input,
}

impl Kind {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::AsTrained => "as trained",
            Self::Ptlc => "PTLC",
            Self::OtherMask => "other mask",
            Self::Yardstick => "yardstick",
            Self::Input => "input",
        }
    }
}

/// A mask to try on a model.
pub(crate) struct Trial {
    label: String,
    choice: MaskChoice,
    mask: Mask,
    kind: Kind,
}

/// What the model was trained with, then what was asked for beside it.
pub(crate) fn masks(asked: &[MaskArg], config: &ModelConfig) -> Result<Vec<Trial>> {
    let own = config.mask();
    let mut trials = vec![trial(config, own.label(), own.clone())?];
    for asked in asked {
        let choice = asked.choice(config.channels())?;
        let trial = trial(config, asked.label(), choice)?;
        if trials.iter().all(|known| known.mask != trial.mask) {
            trials.push(trial);
        }
    }
    Ok(trials)
}

/// A mask on a model.
pub(crate) fn trial(config: &ModelConfig, label: String, choice: MaskChoice) -> Result<Trial> {
    let own = config.mask().build(config.channels())?;
    let mask = choice.build(config.channels())?;
    let kind = if mask == own {
        Kind::AsTrained
    } else if own.keeps_everything() {
        Kind::Ptlc
    } else {
        Kind::OtherMask
    };
    Ok(Trial {
        label,
        choice,
        mask,
        kind,
    })
}

/// A row for every mask; each clip is encoded once.
pub(crate) fn model_rows(
    folder: &Path,
    codec: &Codec,
    trials: &[Trial],
    samples: &[Sample],
    coding: Coding,
    networks: &Networks,
    bar: &ProgressBar,
) -> Result<Vec<Row>> {
    let config = codec.model.config();
    let row = |trial: &Trial| Row {
        name: folder.display().to_string(),
        kind: trial.kind,
        mask: trial.label.clone(),
        choice: Some(trial.choice.clone()),
        latent: Some((config.channels(), trial.mask.keep_ratio())),
        values: None,
        scores: Vec::new(),
    };
    let mut rows: Vec<Row> = trials.iter().map(row).collect();
    for sample in samples {
        let (latent, shots) = coding.encode(codec, sample.input())?;
        let extent = sample.clip.extent();
        let (mut made, mut retained) = (Vec::new(), Vec::new());
        for trial in trials {
            let (kept, share) = codec.keep(latent.clone(), &shots, &trial.mask)?;
            made.push(networks.protocol.decode(codec, kept, &shots, extent)?);
            retained.push(share);
        }
        let scores = networks.scores(sample, &made)?.into_iter().zip(retained);
        for ((row, trial), (score, share)) in rows.iter_mut().zip(trials).zip(scores) {
            row.scores.push(ClipScore {
                retained: Some(share),
                ..score
            });
            let frame = codec.latent_frame(extent);
            let stored = config.stored_in_shots(&shots, frame, &trial.mask);
            row.values = row.values.max(Some(stored));
        }
        bar.inc(1);
    }
    Ok(rows)
}

/// How far what the models are given is from the clips; no row where it is the clips themselves.
pub(crate) fn input(samples: &[Sample], networks: &Networks) -> Result<Option<Row>> {
    let mut scores = Vec::new();
    for sample in samples {
        let Some(input) = &sample.input else {
            return Ok(None);
        };
        scores.extend(networks.scores(sample, &[Pixels::of(input)])?);
    }
    Ok(Some(Row {
        name: "the compressed clips".into(),
        kind: Kind::Input,
        mask: String::new(),
        choice: None,
        latent: None,
        values: None,
        scores,
    }))
}

impl Row {
    /// Latent channels times keep ratio.
    pub(crate) fn effective(&self) -> Option<f64> {
        self.latent.map(|(channels, kept)| channels as f64 * kept)
    }

    /// Mean of a figure over some clips; not a number if one of them lacks it.
    pub(crate) fn mean(&self, members: &[usize], figure: fn(&ClipScore) -> Option<f64>) -> f64 {
        let figures = members
            .iter()
            .map(|&i| figure(&self.scores[i]).unwrap_or(f64::NAN));
        figures.sum::<f64>() / members.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(mask: &str) -> ModelConfig {
        let json = format!(r#"{{"_class_name": "LeanVAE", "latent_dim": 4, "mask": "{mask}"}}"#);
        ModelConfig::from_json(&json).unwrap()
    }

    #[test]
    fn only_a_model_trained_without_a_mask_is_compressed_afterwards() {
        let kinds = |own: &str| {
            let asked = [MaskChoice::None, MaskChoice::Paper50].map(MaskArg::Choice);
            let trials = masks(&asked, &config(own)).unwrap();
            trials.iter().map(|trial| trial.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("none"), [Kind::AsTrained, Kind::Ptlc]);
        assert_eq!(kinds("paper50"), [Kind::AsTrained, Kind::OtherMask]);
        let others = [Kind::AsTrained, Kind::OtherMask, Kind::OtherMask];
        assert_eq!(kinds("lowpass50"), others);
    }

    #[test]
    fn a_causal_latents_first_frame_is_stored_whole() {
        let config = config("none");
        let half = MaskChoice::Paper50.build(4).unwrap();
        assert_eq!(config.stored_values([4, 9, 2, 2], &half), 16 * 5);
        assert_eq!(config.stored_values([4, 1, 2, 2], &half), 16);
    }

    #[test]
    fn what_lies_behind_the_first_eight_is_stored_whole() {
        let json = r#"{"_class_name": "WanVAE", "z_dim": 4, "compressed": "first-eight"}"#;
        let config = ModelConfig::from_json(json).unwrap();
        let half = MaskChoice::Paper50.build(4).unwrap();
        assert_eq!(config.stored_values([4, 17, 2, 2], &half), 16 * (4 + 9));
    }
}
