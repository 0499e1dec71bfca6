//! Weights to start from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use codec::{Weights, read_weights};

use crate::checkpoint::path_in;

/// The weights of a run's folder (averaged, of its last checkpoint), a model's folder, a checkpoint
/// or a weight file; and in words what they are. A discriminator is never taken over.
///
/// # Errors
/// If there are none.
pub(crate) fn read(path: &Path) -> Result<(Vec<u8>, String)> {
    let file = find(path)?;
    let Weights { bytes, notes } = read_weights(&file, None)?;
    Ok((bytes, format!("{} ({})", file.display(), notes.join("; "))))
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
