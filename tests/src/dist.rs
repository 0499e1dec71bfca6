//! The built page, and copies of it with something wrong.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use protocol::ModelEntry;
use tempfile::TempDir;

/// The page that `cargo xtask test` built.
///
/// # Errors
/// If it is not there.
pub fn built() -> Result<PathBuf> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    ensure!(
        dist.join("index.html").is_file(),
        "the page is not built; run cargo xtask test"
    );
    Ok(dist)
}

/// The models that the built page offers.
///
/// # Errors
/// If the list is missing or unreadable.
pub fn models(dist: &Path) -> Result<Vec<ModelEntry>> {
    let path = dist.join("models/index.json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let models: Vec<ModelEntry> = serde_json::from_str(&text)?;
    ensure!(!models.is_empty(), "{} lists no model", path.display());
    Ok(models)
}

/// A copy of the built page that may be damaged.
///
/// # Errors
/// If it cannot be copied.
pub fn copy() -> Result<TempDir> {
    let copy = TempDir::new()?;
    copy_folder(&built()?, copy.path())?;
    Ok(copy)
}

/// Flips one bit in the middle of a file.
///
/// # Errors
/// If the file is empty or cannot be read and written.
pub fn damage(file: &Path) -> Result<()> {
    let mut bytes = fs::read(file)?;
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).context("an empty file")? ^= 1;
    Ok(fs::write(file, bytes)?)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
