//! What training minimises.

mod latent;
mod perceptual;
mod reconstruction;
#[cfg(test)]
pub(crate) mod tests;

use burn::tensor::Tensor;

pub(crate) use latent::{Kept, latent};
pub(crate) use perceptual::PerceptualLoss;
pub(crate) use reconstruction::{Pair, reconstruction};

/// A weighted sum of terms, and the terms before weighting, each `[1]`.
pub(crate) struct Loss {
    pub(crate) total: Tensor<1>,
    pub(crate) terms: Vec<(&'static str, Tensor<1>)>,
}
