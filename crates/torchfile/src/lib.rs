//! Files of `torch.save`: zip archives and the older plain stream, with one dict of tensors or with
//! dicts of such dicts, as training checkpoints are.
//!
//! Nothing in a file is ever executed. Only tensors of floating-point numbers are read, in f32.
//!
//! ```
//! use torchfile::TorchFile;
//!
//! assert!(!TorchFile::begins(b"<!DOCTYPE html>"));
//! assert!(TorchFile::read(b"no checkpoint").is_err());
//! ```

mod archive;
mod file;
mod number;
mod pickle;

pub use file::{Tensor, TorchFile, TorchFileError};
pub use number::Number;
