//! rFVD: the Fréchet distance between the clips and their reconstructions in I3D's logits.
//! Source: spec/metrics.md 0 and 4.

use analysis::{Covariance, frechet_distance};
use anyhow::Result;

use crate::fvd_mode::FvdMode;
use crate::rows::Row;

/// rFVD of a row over some clips, given the logits of all clips before and after.
pub(crate) fn rfvd(
    mode: FvdMode,
    originals: &[Vec<f32>],
    row: &Row,
    members: &[usize],
) -> Result<f64> {
    let distance = |batch: &[usize]| {
        let before: Vec<&[f32]> = batch.iter().map(|&i| originals[i].as_slice()).collect();
        let after = batch
            .iter()
            .filter_map(|&i| row.scores[i].logits.as_deref());
        let after: Vec<&[f32]> = after.collect();
        frechet_distance(&before, &after, Covariance::Unbiased)
    };
    let distances: Vec<f64> = mode
        .batches(members)
        .map(distance)
        .collect::<Result<_, _>>()?;
    Ok(distances.iter().sum::<f64>() / distances.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Kind;
    use crate::score::ClipScore;

    fn row(logits: &[Vec<f32>]) -> Row {
        let score = |logits: &Vec<f32>| ClipScore {
            name: String::new(),
            psnr: 0.0,
            ssim: 0.0,
            flicker: None,
            grid: None,
            retained: None,
            perceptual: None,
            logits: Some(logits.clone()),
        };
        Row {
            name: String::new(),
            kind: Kind::Input,
            mask: String::new(),
            choice: None,
            latent: None,
            values: None,
            scores: logits.iter().map(score).collect(),
        }
    }

    fn logits(shift: f32) -> Vec<Vec<f32>> {
        let vector = |i: usize| {
            (0..6)
                .map(|j| shift + ((7 * i + 3 * j) as f32).sin())
                .collect()
        };
        (0..5).map(vector).collect()
    }

    #[test]
    fn the_same_clips_are_at_no_distance() {
        let originals = logits(0.0);
        for mode in [FvdMode::Set, FvdMode::Batch(1), FvdMode::Batch(2)] {
            let found = rfvd(mode, &originals, &row(&originals), &[0, 1, 2, 3, 4]).unwrap();
            assert!((0.0..1e-6).contains(&found), "{mode} {found}");
        }
    }

    #[test]
    fn a_shift_is_the_same_in_every_mode_and_the_spread_is_not() {
        let (originals, all) = (logits(0.0), [0, 1, 2, 3, 4]);
        let of =
            |mode, made: &Row, members: &[usize]| rfvd(mode, &originals, made, members).unwrap();
        let shifted = row(&logits(0.5));
        for mode in [FvdMode::Set, FvdMode::Batch(1), FvdMode::Batch(2)] {
            let found = of(mode, &shifted, &all);
            assert!((found - 6.0 * 0.25).abs() < 1e-5, "{mode} {found}");
        }
        // Reversed, the set is the same, its clips are not.
        let mut turned = logits(0.0);
        turned.reverse();
        let turned = row(&turned);
        assert!(of(FvdMode::Set, &turned, &all) < 1e-6);
        assert!(of(FvdMode::Batch(2), &turned, &all) > 0.1);
        assert!(of(FvdMode::Set, &turned, &[2]) < 1e-6, "the middle stays");
        // The mean of the batches 0, 1 and 2, 3 and 4 on its own.
        let parts = [&all[..2], &all[2..4], &all[4..]];
        let sum: f64 = parts
            .map(|part| of(FvdMode::Set, &turned, part))
            .iter()
            .sum();
        assert!((of(FvdMode::Batch(2), &turned, &all) - sum / 3.0).abs() < 1e-9);
    }
}
