//! What is not used.

use std::fmt;
use std::path::PathBuf;

/// A file or folder that is not used, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Where it is.
    pub path: PathBuf,
    /// In a few words.
    pub reason: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Reasons from ffmpeg begin with the file's name.
        let path = self.path.display().to_string();
        match self.reason.strip_prefix(&path) {
            Some(reason) => write!(f, "{path}:{reason}"),
            None => write!(f, "{path}: {}", self.reason),
        }
    }
}
