//! Yardsticks: what storing as many numbers as a model does would give without any network.
//!
//! A clip is cut into blocks of [`BLOCK`] frames, rows and columns (as many pixels as one latent
//! position of a 4x8x8 model stands for), and of each block only its coordinates along the first
//! few vectors of an orthonormal basis are kept: as many as a latent has channels.

mod basis;
mod dct;
mod pca;

pub use basis::{BLOCK, BLOCK_LEN, BlockBasis};
pub use pca::BlockStatistics;
