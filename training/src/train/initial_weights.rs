//! Weights to start from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::checkpoint::{Checkpoint, is_checkpoint, path_in};

/// The weights of a run's folder (averaged, of its last checkpoint), a model's folder, a checkpoint
/// or a weight file; and in words what they are. A discriminator is never taken over.
///
/// # Errors
/// If there are none.
pub(crate) fn read(path: &Path) -> Result<(Vec<u8>, String)> {
    let file = find(path)?;
    let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let shown = file.display();
    if is_checkpoint(&bytes) {
        let checkpoint = Checkpoint::load(&file)?;
        let step = checkpoint.progress.step;
        let what = format!("the averaged weights after step {step} in {shown}");
        return Ok((checkpoint.average, what));
    }
    Ok((bytes, format!("the weights in {shown}")))
}

fn find(path: &Path) -> Result<PathBuf> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let places = [
        path_in(path),
        path.join(codec::WEIGHTS),
        path.join(codec::EXPORT).join(codec::WEIGHTS),
    ];
    let found = places.into_iter().find(|place| place.is_file());
    found.with_context(|| {
        format!(
            "there are no weights to start from at {}; name a run's folder, a model's folder, \
             a checkpoint or a weight file",
            path.display()
        )
    })
}
