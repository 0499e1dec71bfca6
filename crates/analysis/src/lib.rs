//! What is measured on frames and latents, never how it is drawn.
//!
//! Plain slices in, plain numbers out: no tensors, so the same code runs in the worker, the
//! trainer and the tests.
//!
//! * Frames: [`psnr`] and [`ssim`] on one frame, [`clip_quality`] on a clip, [`mean_quality`].
//! * Matrices: [`symmetric_eigen`], for principal components.
//! * Sets of feature vectors: [`frechet_distance`].
//! * Clips: [`flicker`] and [`block_grid`] of a reconstruction; [`Content`], how textured and fast a
//!   clip is.
//! * Yardsticks: [`BlockBasis`], a clip from a few numbers a block, by DCT or PCA.
//! * Latents: [`Energy`] and [`Autocorrelation`] of a [`CoefficientShape`]d volume, per band and
//!   channel.
//!
//! ```
//! let psnr = analysis::psnr(&[0.0, 0.5, 1.0, 1.0], &[0.1, 0.5, 1.0, 1.0])?;
//! assert!((psnr - 26.02).abs() < 0.01);
//! # Ok::<(), analysis::AnalysisError>(())
//! ```

mod autocorrelation;
mod eigen;
mod energy;
mod error;
mod frechet;
mod grid;
mod motion;
mod psnr;
mod quality;
mod shape;
mod ssim;
mod types;
mod yardstick;

pub use eigen::{Eigen, symmetric_eigen};
pub use error::AnalysisError;
pub use frechet::{Covariance, frechet_distance};
pub use grid::{BLOCK_SIDE, block_grid};
pub use motion::{Content, flicker};
pub use psnr::psnr;
pub use quality::{clip_quality, mean_quality};
pub use shape::{CoefficientShape, FrameShape};
pub use ssim::{SSIM_C1, SSIM_C2, SSIM_WINDOW, ssim, ssim_window};
pub use types::{Autocorrelation, Energy, FrameQuality};
pub use yardstick::{BLOCK, BLOCK_LEN, BlockBasis, BlockStatistics};
