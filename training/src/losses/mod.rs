//! What training minimises.

mod latent;
mod pair;
mod perceptual;
mod reconstruction;
mod seams;
mod similarity;
#[cfg(test)]
pub(crate) mod tests;

use burn::tensor::Tensor;

pub(crate) use latent::{Kept, dropped, latent};
pub(crate) use pair::Pair;
pub(crate) use perceptual::PerceptualLoss;
pub(crate) use reconstruction::reconstruction;

/// A weighted sum of terms, and the terms before weighting, each `[1]`.
pub(crate) struct Loss {
    pub(crate) total: Tensor<1>,
    pub(crate) terms: Vec<(&'static str, Tensor<1>)>,
}

impl Loss {
    /// One more term.
    pub(crate) fn add(&mut self, name: &'static str, term: Tensor<1>, weight: f64) {
        self.total = self.total.clone() + term.clone() * weight;
        self.terms.push((name, term));
    }
}
