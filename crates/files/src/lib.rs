//! Files that are written whole or not at all, and their hashes.
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
mod whole;

pub use hash::{hex, sha256};
pub use whole::{WriteError, remove_unfinished, write_whole};
