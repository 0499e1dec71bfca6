//! Training data: clips found in folders, decoded once into a cache, windows drawn from them,
//! synthetic scenes in between.
//!
//! A [`Dataset`] gives the same batch for the same seed and step, whatever was drawn before, so
//! that a continued run sees what an uninterrupted one would.
//!
//! ```
//! # fn main() -> anyhow::Result<()> {
//! use dataset::{DataConfig, Dataset, HeldOutConfig, UNWATCHED};
//!
//! // Scenes alone: with folders, `cache` would hold their decoded frames.
//! let windows = DataConfig {
//!     scenes: 1.0,
//!     ..DataConfig::of_windows(17, 32, 2)
//! };
//! let held_out = HeldOutConfig { clips: 1, size: 32 };
//! let dataset = Dataset::open(&windows, held_out, 7, "cache".as_ref(), UNWATCHED)?;
//! let batch = dataset.batch(0)?;
//! assert_eq!(batch.shape, [2, 3, 17, 32, 32]);
//! assert_eq!(batch.samples, dataset.batch(0)?.samples);
//! # Ok(())
//! # }
//! ```

mod augment;
mod cache;
mod config;
mod dataset;
mod find;
mod held_out;
mod index;
mod prefetch;
mod sampler;
mod skipped;

pub use cache::{CachedClip, Found, FrameCache, UNWATCHED, Watch};
pub use config::{ClipWeight, Crop, DataConfig, Folder, HeldOutConfig, Windows};
pub use dataset::{Batch, Dataset};
pub use find::{Search, find_clips, name_of};
pub use held_out::{HeldOut, held_out_scenes};
pub use prefetch::Prefetch;
pub use skipped::Skipped;
