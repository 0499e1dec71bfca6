//! Writing that leaves nothing half done.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the names of half-written files begin with.
const UNFINISHED: &str = ".unfinished-";

/// A file that could not be written. What was in its place before is still there.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written")]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// Writes a file beside its place, then moves it there, so that no reader ever sees half of it
/// and a full disk costs nothing.
///
/// # Errors
/// If the folder is missing or cannot be written to, or the disk is full.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write(path, bytes).map_err(|source| WriteError {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = temporary().tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Sees that a file can be written, before work is done whose result belongs there.
///
/// # Errors
/// If the folder is missing or cannot be written to.
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let tried = temporary().tempfile_in(folder.unwrap_or(Path::new(".")));
    tried.map(drop).map_err(|source| WriteError {
        path: path.to_owned(),
        source,
    })
}

/// Removes what a process that was killed while writing left in a folder.
///
/// # Errors
/// If the folder cannot be read or changed.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Temporary files that become ordinary ones: readable by others as the system's mask allows.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
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

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/file");
        let error = write_whole(&path, b"").unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("missing/file cannot be written")
        );
        assert!(check_writable(&path).is_err());
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside(".unfinished-x"), "half").unwrap();
        write_whole(&inside("whole"), b"whole").unwrap();
        remove_unfinished(folder.path()).unwrap();
        assert!(!inside(".unfinished-x").exists() && inside("whole").exists());
    }
}
