//! rFVD: the Fréchet distance between the clips and their reconstructions in I3D's logits.
//! Source: spec/metrics.md 0 and 4.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use analysis::{Covariance, frechet_distance};
use anyhow::{Context, Error, Result, bail, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use clips::Extent;
use perceptual::{I3d, Levels};
use sha2::{Digest, Sha256};

use super::rows::Row;
use crate::cli::EvaluateArgs;
use crate::commands::perceptual::{read, unfit};
use crate::commands::score::Pixels;
use crate::config::hex;

/// Which clips make one distance. The figures of different modes cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FvdMode {
    /// All of them.
    Set,
    /// So many at a time, in their order; the distances are averaged. The last batch may be smaller.
    Batch(usize),
}

impl FromStr for FvdMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "set" {
            return Ok(Self::Set);
        }
        let size = text.strip_prefix("batch:").and_then(|n| n.parse().ok());
        match size {
            Some(size) if size > 0 => Ok(Self::Batch(size)),
            _ => bail!("it must be set, or batch:N with a number of clips, for example batch:10"),
        }
    }
}

impl fmt::Display for FvdMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set => f.write_str("set"),
            Self::Batch(size) => write!(f, "batch:{size}"),
        }
    }
}

impl FvdMode {
    /// The clips of each distance.
    fn batches(self, members: &[usize]) -> std::slice::Chunks<'_, usize> {
        members.chunks(match self {
            Self::Set => members.len().max(1),
            Self::Batch(size) => size,
        })
    }

    /// Whether at least one distance of so many clips has a covariance.
    pub(super) fn has_covariance(self, clips: usize) -> bool {
        clips > 1 && self != Self::Batch(1)
    }

    /// What a reader of the figures must know about so many clips.
    pub(super) fn caution(self, clips: usize) -> Option<String> {
        if !self.has_covariance(clips) {
            let clip = "a single clip has no covariance, so";
            let figure = "the squared distance between the logits of clip and reconstruction";
            return Some(format!("rFVD ({self}): {clip} this is only {figure}"));
        }
        let Self::Batch(size) = self else { return None };
        let alone = match clips % size {
            0 => return None,
            1 => ", which has no covariance: of it only the squared distance counts",
            _ => "",
        };
        let last = clips % size;
        Some(format!(
            "rFVD ({self}): clips in the last batch: {last}{alone}"
        ))
    }
}

/// The network that rFVD is measured with.
pub(super) struct ClipNetwork {
    network: I3d,
    device: Device,
    pub(super) mode: FvdMode,
    levels: Levels,
    /// The name of its file.
    pub(super) file: String,
    /// The file's hash: figures by other weights cannot be compared.
    pub(super) sha256: String,
}

impl ClipNetwork {
    /// Reads its file.
    pub(super) fn open(file: &Path, args: &EvaluateArgs, device: &Device) -> Result<Self> {
        let (fewest, frames) = (I3d::FEWEST_FRAMES, args.cut.frames);
        ensure!(
            frames >= fewest,
            "rFVD needs clips of at least {fewest} frames; ask for more than {frames} with --frames"
        );
        let bytes = read(file)?;
        let network = I3d::read(&bytes, device).with_context(|| unfit(file))?;
        let name = file.file_name().unwrap_or(file.as_os_str());
        Ok(Self {
            network,
            device: device.clone(),
            mode: args.fvd,
            levels: args.protocol.levels(),
            file: name.to_string_lossy().into_owned(),
            sha256: hex(&Sha256::digest(&bytes)),
        })
    }

    /// One line on what is measured.
    pub(super) fn describe(&self) -> String {
        let over = match self.mode {
            FvdMode::Set => "over all clips of a table as one set".to_owned(),
            FvdMode::Batch(size) => {
                format!("averaged over batches of {size} clips in the order of the clips")
            }
        };
        let (mode, file, hash) = (self.mode, &self.file, &self.sha256[..12]);
        format!(
            "rFVD ({mode}): Fréchet distance of I3D's 400 logits, {over}, covariance unbiased; {file}, \
             sha256 {hash}; comparable only on the same clips"
        )
    }

    /// The logits of a clip.
    pub(super) fn logits(&self, clip: &Pixels) -> Result<Vec<f32>> {
        let Extent {
            frames,
            height,
            width,
        } = clip.extent;
        // Bytes over 255 fall on the same bytes when the network's preparation cuts them down.
        let data = TensorData::new(clip.values.clone(), [1, frames, height, width, 3]);
        let clip = Tensor::<5>::from_data(data, &self.device).permute([0, 4, 1, 2, 3]);
        let logits = self.network.logits(clip, self.levels)?;
        let data = logits.into_data().convert::<f32>();
        data.try_into_vec()
            .map_err(|error| Error::msg(format!("the device returned no numbers: {error:?}")))
    }
}

/// rFVD of a row over some clips, given the logits of all clips before and after.
pub(super) fn rfvd(
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
    use super::super::rows::Kind;
    use super::*;
    use crate::commands::score::ClipScore;

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

    #[test]
    fn modes_are_read_and_their_cautions_said() {
        let read = |text: &str| text.parse::<FvdMode>();
        for mode in [FvdMode::Set, FvdMode::Batch(10)] {
            assert_eq!(read(&mode.to_string()).unwrap(), mode);
        }
        for wrong in ["batch", "batch:0", "batch:-1", "sets", "10"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let caution = |mode: FvdMode, clips| mode.caution(clips).unwrap_or_default();
        assert!(caution(FvdMode::Set, 1).contains("no covariance, so"));
        assert!(caution(FvdMode::Batch(1), 20).contains("no covariance, so"));
        assert!(caution(FvdMode::Batch(4), 9).contains("last batch: 1, which has no covariance"));
        assert!(caution(FvdMode::Batch(4), 10).ends_with("last batch: 2"));
        assert_eq!(
            caution(FvdMode::Batch(5), 10) + &caution(FvdMode::Set, 2),
            ""
        );
    }
}
