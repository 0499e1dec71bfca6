//! Rows without a network: DCT and PCA with as many numbers a block as the models store.

use analysis::{BlockBasis, BlockStatistics};
use anyhow::Result;
use clips::to_unit_f32;

use super::networks::Networks;
use super::rows::{Kind, Row};
use crate::commands::footage::Sample;
use crate::commands::score::shape;

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
    /// The DCT, and PCA where there are other clips to fit it on.
    pub(super) fn fit(others: Option<&[Sample]>) -> Result<Self> {
        let dct = BlockBasis::dct(MOST);
        let mut bases = vec![("DCT, lowest frequencies of 4x8x8 blocks", dct)];
        let Some(others) = others else {
            return Ok(Self {
                bases,
                fitted: None,
            });
        };
        let mut statistics = BlockStatistics::default();
        for sample in others {
            let clip = &sample.clip;
            statistics.add(&to_unit_f32(clip), shape(clip.extent()), BLOCKS_PER_CLIP)?;
        }
        bases.push(("PCA of 4x8x8 blocks", statistics.principal(MOST)?));
        Ok(Self {
            bases,
            fitted: Some((others.len(), statistics.count())),
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
        networks: &Networks,
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &count in counts {
            for (name, basis) in &self.bases {
                rows.push(row(name, basis, count, samples, networks)?);
            }
        }
        Ok(rows)
    }
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
    networks: &Networks,
) -> Result<Row> {
    let mut scores = Vec::new();
    let mut values = 0;
    for sample in samples {
        let input = sample.input();
        let extent = input.extent();
        let unit = basis.reconstruct(&to_unit_f32(input), shape(extent), count)?;
        let made = networks.protocol.pixels(unit, extent)?;
        scores.push(networks.score(sample, &made)?);
        values = extent.frames.div_ceil(4)
            * extent.height.div_ceil(8)
            * extent.width.div_ceil(8)
            * count;
    }
    Ok(Row {
        name: name.to_owned(),
        kind: Kind::Yardstick,
        mask: String::new(),
        choice: None,
        latent: Some((count, 1.0)),
        values: Some(values),
        scores,
    })
}
