//! Folders that belong to one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

const NAME: &str = ".lock";

/// A folder that belongs to this process until the value is dropped or the process ends, however
/// it ends.
#[derive(Debug)]
pub struct FolderLock {
    /// The system releases its lock with the file.
    _file: File,
}

/// Why a folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another process is at work in {folder}")]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// The file that is locked cannot be made.
    #[error("{folder} cannot be locked")]
    Failed {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl FolderLock {
    /// Takes a folder that exists. On a file system without locks it is had unlocked.
    ///
    /// # Errors
    /// If another process has it, or it cannot be written to.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Failed {
            folder: folder.to_owned(),
            source,
        };
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        let file = options.open(folder.join(NAME)).map_err(failed)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(LockError::Taken {
                folder: folder.to_owned(),
            }),
            Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
                Err(failed(error))
            }
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { _file: file }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_had_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let error = FolderLock::take(folder.path()).unwrap_err();
        assert!(matches!(error, LockError::Taken { .. }), "{error}");
        drop(first);
        FolderLock::take(folder.path()).unwrap();
        assert!(FolderLock::take(&folder.path().join("none")).is_err());
    }
}
