//! The decoder's last layer by itself.

use burn::tensor::Tensor;

use crate::blocks::{Conv2d, Haar};
use crate::pass::{Pass, TemporalRule};

/// A decoder's last layer and what it was given, to see how strongly a loss of the sample pulls
/// at its weights without going through the whole decoder. Source: spec/wfvae.md 9.
#[derive(Clone, Debug)]
pub struct LastLayer {
    pub(crate) layer: Conv2d,
    pub(crate) features: Tensor<5>,
    pub(crate) haar: Haar,
    pub(crate) rule: TemporalRule,
}

impl LastLayer {
    /// The layer's weights, `[C_out, C_in, 3, 3]`.
    pub fn weight(&self) -> Tensor<4> {
        self.layer.weight()
    }

    /// The part of the sample that comes from the layer, were these its weights:
    /// `[B, 3, T, H, W]`, without its bias and without the coarser levels.
    pub fn with_weight(&self, weight: Tensor<4>) -> Tensor<5> {
        let coefficients = self.layer.with_weight(self.features.clone(), weight);
        self.haar.inverse(coefficients, &Pass::whole(self.rule))
    }
}
