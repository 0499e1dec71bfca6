//! The fixed Haar steps of a backbone.

use burn::tensor::Tensor;
use wavelet::{
    Constants, haar2d, haar3d, haar3d_causal, haar3d_pairs, inverse_haar2d, inverse_haar3d,
    inverse_haar3d_causal,
};

use crate::pass::{Pass, TemporalRule};

/// A Haar step over two (per frame) or three axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haar {
    /// Rows and columns.
    Spatial,
    /// Frames, rows and columns.
    SpatioTemporal(Constants),
}

impl Haar {
    /// Subbands per channel.
    pub(crate) fn bands(self) -> usize {
        match self {
            Self::Spatial => 4,
            Self::SpatioTemporal(_) => 8,
        }
    }

    /// `[B, C, T, H, W]` to `[B, bands * C, T', H/2, W/2]`.
    pub(crate) fn forward(self, x: Tensor<5>, pass: &Pass) -> Tensor<5> {
        match (self, pass.rule()) {
            (Self::Spatial, _) => haar2d(x),
            (Self::SpatioTemporal(c), TemporalRule::Symmetric) => haar3d(x, c),
            (Self::SpatioTemporal(c), TemporalRule::Causal) if pass.is_first() => {
                haar3d_causal(x, c)
            }
            (Self::SpatioTemporal(c), TemporalRule::Causal) => haar3d_pairs(x, c),
        }
    }

    /// Inverse of [`forward`](Self::forward).
    pub(crate) fn inverse(self, x: Tensor<5>, pass: &Pass) -> Tensor<5> {
        match (self, pass.rule()) {
            (Self::Spatial, _) => inverse_haar2d(x),
            (Self::SpatioTemporal(c), TemporalRule::Causal) if pass.is_first() => {
                inverse_haar3d_causal(x, c)
            }
            (Self::SpatioTemporal(c), _) => inverse_haar3d(x, c),
        }
    }
}
