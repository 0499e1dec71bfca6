//! Rows without a network: DCT and PCA with as many numbers a block as the models store.

use std::fs;
use std::path::Path;

use analysis::{BlockBasis, BlockStatistics};
use anyhow::{Context, Result, bail};
use clips::{Clip, to_unit_f32};

use super::Set;
use super::footage::{Cut, Sample, clips};
use super::rows::{Kind, Row};
use crate::commands::perceptual::Perceptual;
use crate::commands::score::{compare_clips, shape};

/// Components that are found: more than any latent here has channels.
const MOST: usize = 64;
/// Blocks of one clip that the components are fitted on.
const BLOCKS_PER_CLIP: usize = 256;

/// The bases, and what the fitted one was fitted on.
pub(super) struct Yardsticks {
    bases: Vec<(&'static str, BlockBasis)>,
    fitted: Option<(usize, usize)>,
}

impl Yardsticks {
    /// The DCT, and PCA where there is a folder to fit it on.
    ///
    /// # Errors
    /// If the folder has no usable clip, or one that is also measured.
    pub(super) fn fit(folder: Option<&Path>, cut: &Cut, sets: &[Set]) -> Result<Self> {
        let mut bases = vec![(
            "DCT, lowest frequencies of 4x8x8 blocks",
            BlockBasis::dct(MOST),
        )];
        let Some(folder) = folder else {
            return Ok(Self {
                bases,
                fitted: None,
            });
        };
        let (samples, skipped) = clips(&[folder.to_owned()], cut)?;
        if !skipped.is_empty() {
            eprintln!(
                "{} clips are not fitted on: too short, too small or damaged",
                skipped.len()
            );
        }
        let measured: Vec<_> = sets
            .iter()
            .flat_map(|set| &set.samples)
            .filter_map(place)
            .collect();
        let mut statistics = BlockStatistics::default();
        for sample in &samples {
            if place(sample).is_some_and(|place| measured.contains(&place)) {
                bail!("{} is among the measured clips; fit on others", sample.name);
            }
            statistics.add(
                &to_unit_f32(&sample.clip),
                shape(&sample.clip),
                BLOCKS_PER_CLIP,
            )?;
        }
        let basis = statistics
            .principal(MOST)
            .with_context(|| format!("nothing in {} can be fitted on", folder.display()))?;
        bases.push(("PCA of 4x8x8 blocks", basis));
        Ok(Self {
            bases,
            fitted: Some((samples.len(), statistics.count())),
        })
    }

    /// One line on what they are.
    pub(super) fn describe(&self) -> String {
        let fitted = self.fitted.map(|(clips, blocks)| {
            format!("; PCA fitted on {blocks} blocks of {clips} other clips")
        });
        format!(
            "yardsticks: orthonormal bases of 4x8x8 blocks, as many real numbers a block as \
             channels, not quantised{}",
            fitted.unwrap_or_default()
        )
    }

    /// A row for every basis and count.
    pub(super) fn rows(
        &self,
        samples: &[Sample],
        counts: &[usize],
        perceptual: Option<&Perceptual>,
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &count in counts {
            for (name, basis) in &self.bases {
                rows.push(row(name, basis, count, samples, perceptual)?);
            }
        }
        Ok(rows)
    }
}

/// Where a clip lies, by whatever way it is reached.
fn place(sample: &Sample) -> Option<std::path::PathBuf> {
    fs::canonicalize(sample.path.as_ref()?).ok()
}

/// What was asked for, else the effective channel counts of rows, rounded: a block cannot keep
/// half a number. Each once.
pub(super) fn counts(asked: &[usize], rows: &[Row]) -> Vec<usize> {
    let effective = rows
        .iter()
        .filter_map(Row::effective)
        .map(|c| c.round() as usize);
    let mut counts = asked.to_vec();
    if asked.is_empty() {
        counts.extend(effective);
    }
    counts
        .iter_mut()
        .for_each(|count| *count = (*count).clamp(1, MOST));
    counts.sort_unstable();
    counts.dedup();
    counts
}

fn row(
    name: &str,
    basis: &BlockBasis,
    count: usize,
    samples: &[Sample],
    perceptual: Option<&Perceptual>,
) -> Result<Row> {
    let mut scores = Vec::new();
    let mut values = 0;
    for sample in samples {
        let input = sample.input();
        let unit = basis.reconstruct(&to_unit_f32(input), shape(input), count)?;
        let bytes = unit.iter().map(|v| (v * 255.0).round() as u8).collect();
        let made = Clip::new(input.width(), input.height(), bytes)?;
        let mut score = compare_clips(&sample.name, &sample.clip, &made)?;
        score.perceptual = perceptual.map(|network| network.between(&sample.clip, &made));
        scores.push(score);
        let extent = input.extent();
        values = extent.frames.div_ceil(4)
            * extent.height.div_ceil(8)
            * extent.width.div_ceil(8)
            * count;
    }
    Ok(Row {
        name: name.to_owned(),
        kind: Kind::Yardstick,
        mask: String::new(),
        latent: Some((count, 1.0)),
        values: Some(values),
        scores,
    })
}
