//! Rows without a network: DCT and PCA with as many numbers a block as the models store.

use analysis::{BlockBasis, BlockStatistics};
use anyhow::Result;
use clips::{Extent, to_unit_f32};

use crate::networks::Networks;
use crate::rows::{Kind, Row};
use crate::sample::Sample;
use crate::score::shape;

/// Components that are found: more than any latent here has channels.
const MOST: usize = 64;
/// Blocks of one clip that the components are fitted on.
const BLOCKS_PER_CLIP: usize = 256;

/// A basis and its name.
type Basis = (&'static str, BlockBasis);

/// The bases, and what the fitted one was fitted on.
pub(crate) struct Yardsticks {
    bases: Vec<Basis>,
    fitted: Option<(usize, usize)>,
}

impl Yardsticks {
    /// The DCT, and PCA where there are other clips to fit it on.
    pub(crate) fn fit(others: Option<&[Sample]>) -> Result<Self> {
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
    pub(crate) fn describe(&self) -> String {
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
    pub(crate) fn rows(
        &self,
        samples: &[Sample],
        counts: &[usize],
        networks: &Networks,
    ) -> Result<Vec<Row>> {
        let trials = counts
            .iter()
            .flat_map(|&count| self.bases.iter().map(move |basis| (basis, count)));
        let trials: Vec<(&Basis, usize)> = trials.collect();
        let named = trials.iter().map(|((name, _), count)| row(name, *count));
        let mut rows: Vec<Row> = named.collect();
        for sample in samples {
            let input = sample.input();
            let (extent, unit) = (input.extent(), to_unit_f32(input));
            let made = trials.iter().map(|((_, basis), count)| {
                let unit = basis.reconstruct(&unit, shape(extent), *count)?;
                networks.protocol.pixels(unit, extent)
            });
            let scores = networks.scores(sample, &made.collect::<Result<Vec<_>>>()?)?;
            for ((row, (_, count)), score) in rows.iter_mut().zip(&trials).zip(scores) {
                row.values = Some(blocks(extent) * count);
                row.scores.push(score);
            }
        }
        Ok(rows)
    }
}

/// What was asked for, else the effective channel counts of rows, rounded: a block cannot keep
/// half a number. Each once.
pub(crate) fn counts(asked: &[usize], rows: &[Row]) -> Vec<usize> {
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

/// A row that nothing is measured for yet.
fn row(name: &str, count: usize) -> Row {
    Row {
        name: name.to_owned(),
        kind: Kind::Yardstick,
        mask: String::new(),
        choice: None,
        latent: Some((count, 1.0)),
        values: None,
        scores: Vec::new(),
    }
}

/// Blocks of 4x8x8 that a clip is cut into.
fn blocks(clip: Extent) -> usize {
    clip.frames.div_ceil(4) * clip.height.div_ceil(8) * clip.width.div_ceil(8)
}
