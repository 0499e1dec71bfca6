//! Checkpoints: everything a run needs to go on, in one file that is written whole or not at all.
//!
//! The file is a safetensors container of three byte tensors (weights and their average as
//! safetensors files of their own, optimiser state as burnpack) with a JSON header. There is no
//! random state to keep: data and noise are functions of the seed and the step.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

/// Raised when the file's layout changes.
const FORMAT: u32 = 1;
const HEADER: &str = "header";
const PARTS: [&str; 3] = ["weights", "average", "optimiser"];

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// [`crate::config::Config::fingerprint`] of the run.
    pub(crate) config: String,
    /// [`crate::data::Dataset::fingerprint`] of what it was last trained on.
    pub(crate) data: String,
    /// Steps done.
    pub(crate) step: u64,
    /// Updates of the average, fewer than steps if some were skipped.
    pub(crate) updates: u64,
    /// Steps skipped because something was not finite.
    pub(crate) skipped: u64,
    /// Steps skipped since the last good one.
    pub(crate) skipped_in_a_row: u64,
    /// Seconds spent training, over all sittings.
    pub(crate) seconds: f64,
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
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    progress: Progress,
}

/// The checkpoint's place in a run's folder.
pub(crate) fn path_in(run: &Path) -> PathBuf {
    run.join("checkpoint.safetensors")
}

impl Checkpoint {
    /// Writes the checkpoint; an older one stays intact until the new one is complete.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let header = Header {
            format: FORMAT,
            progress: self.progress.clone(),
        };
        let metadata = HashMap::from([(HEADER.to_owned(), serde_json::to_string(&header)?)]);
        let parts = [&self.weights, &self.average, &self.optimiser];
        let views = PARTS
            .into_iter()
            .zip(parts)
            .map(|(name, bytes)| Ok((name, TensorView::new(Dtype::U8, vec![bytes.len()], bytes)?)))
            .collect::<Result<Vec<_>>>()?;
        write_whole(path, &safetensors::serialize(views, Some(metadata))?)
    }

    /// Reads a checkpoint.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let bytes = fs::read(path)
            .with_context(|| format!("the checkpoint {} cannot be read", path.display()))?;
        Self::parse(&bytes).with_context(|| format!("{} is not a checkpoint", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get(HEADER));
        let header: Header = serde_json::from_str(header.context("it has no header")?)?;
        ensure!(
            header.format == FORMAT,
            "it is of another version of this program"
        );
        let file = SafeTensors::deserialize(bytes)?;
        let [weights, average, optimiser] = PARTS.map(|name| file.tensor(name));
        Ok(Self {
            progress: header.progress,
            weights: weights?.data().to_vec(),
            average: average?.data().to_vec(),
            optimiser: optimiser?.data().to_vec(),
        })
    }

    /// Refuses to continue under another config.
    pub(crate) fn check(&self, config: &str) -> Result<()> {
        if self.progress.config != config {
            bail!(
                "the checkpoint is of another config (model, data, losses, optimiser or seed differ); \
                 use the config it was started with, or another --out"
            );
        }
        Ok(())
    }
}

/// Writes a file beside its place, then moves it there, so that no reader ever sees half of it
/// and a full disk costs nothing.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let failed = || format!("{} cannot be written", path.display());
    let mut file = temporary().tempfile_in(folder).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    file.as_file().sync_all().with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}

/// Temporary files that become ordinary ones: readable by others as the system's mask allows.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(step: u64) -> Checkpoint {
        let progress = Progress {
            config: "c".into(),
            data: "d".into(),
            step,
            updates: step,
            skipped: 0,
            skipped_in_a_row: 0,
            seconds: 1.5,
        };
        Checkpoint {
            progress,
            weights: vec![1, 2, 3],
            average: vec![4],
            optimiser: vec![],
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
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing else is left behind"
        );
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = path_in(folder.path());
        fs::write(&path, b"no such thing").unwrap();
        assert!(Checkpoint::load(&path).is_err());
        assert!(checkpoint(1).check("another").is_err());
    }
}
