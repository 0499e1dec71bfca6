//! What is read is not written over.

use std::path::Path;

use anyhow::{Result, ensure};
use files::is_same_file;

/// Refuses an output that is the input by whatever name.
pub(super) fn refuse_overwriting(input: &Path, output: &Path) -> Result<()> {
    ensure!(
        !is_same_file(input, output),
        "{} is what is read; choose another output",
        output.display()
    );
    Ok(())
}
