//! Checkpoints: everything a run needs to go on, in one file that is written whole or not at all.
//!
//! The file is a safetensors container of byte tensors (weights and their average as safetensors
//! files of their own, optimiser state as burnpack; likewise the discriminator, where there is one)
//! with a JSON header. There is no random state to keep: data, noise and dropout are functions of
//! the seed and the step.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use files::write_whole;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

/// Raised when the file's layout changes.
const FORMAT: u32 = 1;
const HEADER: &str = "header";
/// No header of ours is as long, in bytes.
const MOST_HEADER: u64 = 1 << 20;
const PARTS: [&str; 3] = ["weights", "average", "optimiser"];
const ADVERSARY: [&str; 3] = ["discriminator", "logit_means", "discriminator_optimiser"];
const STRENGTHS: &str = "strengths";

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// [`crate::config::Config::fingerprint`] of the run.
    pub(crate) config: String,
    /// [`dataset::Dataset::fingerprint`] of what it was last trained on.
    pub(crate) data: String,
    /// Steps done.
    pub(crate) step: u64,
    /// Updates of the average, fewer than steps if some were skipped.
    pub(crate) updates: u64,
    /// Steps skipped because something was not finite.
    pub(crate) skipped: u64,
    /// Steps of the autoencoder skipped since the last good one.
    pub(crate) skipped_in_a_row: u64,
    /// Steps of the discriminator skipped since the last good one.
    #[serde(default)]
    pub(crate) discriminator_skipped_in_a_row: u64,
    /// Seconds spent training, over all sittings.
    pub(crate) seconds: f64,
    /// The best mean PSNR of a validation so far, in dB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) best: Option<f64>,
}

impl Progress {
    /// Of a run of this config before its first step.
    pub(crate) fn start(config: String) -> Self {
        Self {
            config,
            data: String::new(),
            step: 0,
            updates: 0,
            skipped: 0,
            skipped_in_a_row: 0,
            discriminator_skipped_in_a_row: 0,
            seconds: 0.0,
            best: None,
        }
    }
}

/// A saved run.
pub(crate) struct Checkpoint {
    pub(crate) progress: Progress,
    /// Weights as a safetensors file in f32.
    pub(crate) weights: Vec<u8>,
    /// The average of the weights, likewise.
    pub(crate) average: Vec<u8>,
    /// Optimiser state.
    pub(crate) optimiser: Vec<u8>,
    /// The discriminator and its optimiser, if there is one.
    pub(crate) adversary: Option<SavedAdversary>,
    /// How strong each coefficient channel was on average, with adaptive Top-k.
    pub(crate) strengths: Vec<f64>,
}

/// What is kept of a discriminator.
pub(crate) struct SavedAdversary {
    /// Weights and running statistics, a safetensors file.
    pub(crate) weights: Vec<u8>,
    /// The running means of its logits, a safetensors file.
    pub(crate) means: Vec<u8>,
    /// Optimiser state.
    pub(crate) optimiser: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    progress: Progress,
}

/// The checkpoint's place in a run's folder.
pub(crate) fn path_in(run: &Path) -> PathBuf {
    run.join(codec::CHECKPOINT)
}

/// The place of the checkpoint with the best validation.
pub(crate) fn best_in(run: &Path) -> PathBuf {
    run.join("best.safetensors")
}

/// Checkpoints before the newest, oldest first: `checkpoint-0000123.safetensors` and so on.
fn older_in(run: &Path) -> Result<Vec<PathBuf>> {
    let mut older = Vec::new();
    for entry in fs::read_dir(run)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let step = name
            .strip_prefix("checkpoint-")
            .and_then(|rest| rest.strip_suffix(".safetensors"));
        if step.is_some_and(|step| step.parse::<u64>().is_ok()) {
            older.push(path);
        }
    }
    older.sort();
    Ok(older)
}

impl Checkpoint {
    /// Writes the newest checkpoint of a run and keeps `keep_last - 1` before it.
    ///
    /// # Errors
    /// If it cannot be written: the one before is then still the newest, whole and in its place.
    pub(crate) fn save_in(&self, run: &Path, keep_last: usize) -> Result<()> {
        let newest = path_in(run);
        if keep_last > 1
            && let Ok(step) = step_of(&newest)
            && step != self.progress.step
        {
            let older = run.join(format!("checkpoint-{step:07}.safetensors"));
            // A second name for the same file; where that cannot be had, a copy.
            if !older.exists() && fs::hard_link(&newest, &older).is_err() {
                fs::copy(&newest, &older)
                    .with_context(|| format!("{} cannot be written", older.display()))?;
            }
        }
        let saved = self.save(&newest);
        let older = older_in(run)?;
        let surplus = (older.len() + 1).saturating_sub(keep_last);
        for path in older.iter().take(surplus) {
            fs::remove_file(path)?;
        }
        saved
    }

    /// Writes the checkpoint; an older one stays intact until the new one is complete.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let header = Header {
            format: FORMAT,
            progress: self.progress.clone(),
        };
        let metadata = HashMap::from([(HEADER.to_owned(), serde_json::to_string(&header)?)]);
        let strengths: Vec<u8> = self
            .strengths
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        let own = [&self.weights, &self.average, &self.optimiser];
        let adversary = self.adversary.as_ref();
        let adversary = adversary.map(|a| {
            ADVERSARY
                .into_iter()
                .zip([&a.weights, &a.means, &a.optimiser])
        });
        let strengths = (!strengths.is_empty()).then_some((STRENGTHS, &strengths));
        let views = PARTS
            .into_iter()
            .zip(own)
            .chain(adversary.into_iter().flatten())
            .chain(strengths)
            .map(|(name, bytes)| Ok((name, TensorView::new(Dtype::U8, vec![bytes.len()], bytes)?)))
            .collect::<Result<Vec<_>>>()?;
        write_whole(path, &safetensors::serialize(views, Some(metadata))?)?;
        Ok(())
    }

    /// Reads a checkpoint.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path)
            .with_context(|| format!("the checkpoint {} cannot be read", path.display()))?;
        Self::parse(&bytes).with_context(|| format!("{} is not a checkpoint", path.display()))
    }

    /// Reads the newest checkpoint of a run. One that is damaged is set aside, which is told, and
    /// the newest before it is taken.
    ///
    /// # Errors
    /// If none can be read.
    pub(crate) fn load_newest(run: &Path) -> Result<Self> {
        let newest = path_in(run);
        let damaged = match Self::load(&newest) {
            Ok(checkpoint) => return Ok(checkpoint),
            Err(error) => error,
        };
        for older in older_in(run)?.into_iter().rev() {
            let Ok(checkpoint) = Self::load(&older) else {
                continue;
            };
            fs::rename(&newest, newest.with_extension("damaged"))?;
            fs::copy(&older, &newest)?;
            note!(
                "note: {damaged:#}; going on from {}, after step {}",
                older.display(),
                checkpoint.progress.step
            );
            return Ok(checkpoint);
        }
        Err(damaged)
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let header = header(bytes)?;
        ensure!(
            header.format == FORMAT,
            "it is of another version of this program"
        );
        let file = SafeTensors::deserialize(bytes)?;
        let part = |name: &str| -> Result<Vec<u8>> { Ok(file.tensor(name)?.data().to_vec()) };
        let [weights, average, optimiser] = PARTS.map(part);
        let adversary = match file.tensor(ADVERSARY[0]) {
            Err(_) => None,
            Ok(_) => {
                let [weights, means, optimiser] = ADVERSARY.map(part);
                Some(SavedAdversary {
                    weights: weights?,
                    means: means?,
                    optimiser: optimiser?,
                })
            }
        };
        let strengths = file.tensor(STRENGTHS).map(|view| {
            let (numbers, _) = view.data().as_chunks::<8>();
            numbers.iter().map(|b| f64::from_le_bytes(*b)).collect()
        });
        Ok(Self {
            progress: header.progress,
            weights: weights?,
            average: average?,
            optimiser: optimiser?,
            adversary,
            strengths: strengths.unwrap_or_default(),
        })
    }
}

/// Steps done according to a checkpoint, of which only the header is read.
pub(crate) fn step_of(path: &Path) -> Result<u64> {
    let mut file = fs::File::open(path)?;
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    ensure!(length < MOST_HEADER, "its header is too long");
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    let whole: serde_json::Value = serde_json::from_slice(&bytes)?;
    let text = whole
        .pointer("/__metadata__/header")
        .and_then(|v| v.as_str());
    let header: Header = serde_json::from_str(text.context("it has no header")?)?;
    Ok(header.progress.step)
}

/// The header of a checkpoint.
fn header(bytes: &[u8]) -> Result<Header> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(HEADER));
    Ok(serde_json::from_str(header.context("it has no header")?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(step: u64) -> Checkpoint {
        let progress = Progress {
            step,
            updates: step,
            seconds: 1.5,
            ..Progress::start("c".into())
        };
        Checkpoint {
            progress,
            weights: vec![1, 2, 3],
            average: vec![4],
            optimiser: vec![],
            adversary: Some(SavedAdversary {
                weights: vec![5],
                means: vec![6, 7],
                optimiser: vec![8],
            }),
            strengths: vec![0.1, 1e300],
        }
    }

    #[test]
    fn a_checkpoint_survives_the_round_trip() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_in(folder.path());
        checkpoint(1).save(&path).unwrap();
        checkpoint(2).save(&path).unwrap();
        let loaded = Checkpoint::load(&path).unwrap();
        assert_eq!(loaded.progress, checkpoint(2).progress);
        assert_eq!((loaded.weights, loaded.average), (vec![1, 2, 3], vec![4]));
        assert_eq!(loaded.adversary.unwrap().means, [6, 7]);
        assert_eq!(loaded.strengths, [0.1, 1e300]);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing else is left behind"
        );
    }

    #[test]
    fn the_last_ones_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for step in [0, 5, 9, 9, 12] {
            checkpoint(step).save_in(folder.path(), 3).unwrap();
        }
        let mut steps: Vec<u64> = older_in(folder.path())
            .unwrap()
            .iter()
            .map(|path| Checkpoint::load(path).unwrap().progress.step)
            .collect();
        steps.push(step_of(&path_in(folder.path())).unwrap());
        assert_eq!(steps, [5, 9, 12]);
        checkpoint(13).save_in(folder.path(), 1).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_in(folder.path());
        fs::write(&path, b"no such thing").unwrap();
        assert!(Checkpoint::load(&path).is_err());
    }
}
