//! Files that are written whole or not at all, their hashes, and folders with one owner.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("card.md");
//! files::write_whole(&path, b"# A model")?;
//! assert_eq!(std::fs::read(&path)?, b"# A model");
//! assert_eq!(&files::sha256(b"# A model")[..8], "11e5cf33");
//! # Ok(())
//! # }
//! ```

mod hash;
mod lock;
mod same;
mod whole;

pub use hash::{hex, sha256};
pub use lock::{FolderLock, LockError};
pub use same::is_same_file;
pub use whole::{WriteError, check_writable, remove_unfinished, write_whole};
