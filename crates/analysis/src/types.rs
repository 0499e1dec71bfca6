//! The results that travel between the worker and the page.

use serde::{Deserialize, Serialize};

/// Energy of a set of subbands, per latent channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Energy {
    /// `mean_square[band][channel]`: mean of squared coefficients over time and space.
    pub mean_square: Vec<Vec<f64>>,
}

/// Lag-1 temporal autocorrelation of a set of subbands, per latent channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Autocorrelation {
    /// `rho[band][channel]`, -1 to 1; `None` where it is undefined (fewer than two band frames,
    /// or variance below 1e-12).
    pub rho: Vec<Vec<Option<f64>>>,
}

/// How close one reconstructed frame is to its original.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameQuality {
    /// Peak signal-to-noise ratio in dB, peak 1; infinite for identical frames.
    pub psnr: f64,
    /// Structural similarity, at most 1; `None` for frames under 11 pixels a side.
    pub ssim: Option<f64>,
}
