//! The fixed Haar steps of a backbone.

use burn::tensor::Tensor;
use wavelet::{
    Constants, haar2d, haar3d, haar3d_causal, haar3d_pairs, inverse_haar2d, inverse_haar3d,
    inverse_haar3d_causal,
};

use super::WfConfig;
use crate::haar_tensors::HaarTensors;
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

impl WfConfig {
    /// The Haar constants that the reference keeps in its weight files; LC-VAE has the latent
    /// transform in the model.
    pub(crate) fn haar_tensors(&self, constants: Constants) -> HaarTensors {
        let mut tensors = HaarTensors::default();
        let whole = Haar::SpatioTemporal(constants);
        let level1 = self.level1(constants);
        for (level, haar) in [("in", whole), ("l1", level1), ("l2", whole)] {
            let module = format!("encoder.wavelet_transform_{level}");
            match haar {
                Haar::Spatial => tensors.spatial(&module),
                Haar::SpatioTemporal(c) => tensors.spatio_temporal(&module, c),
            }
        }
        for (level, haar) in [("out", whole), ("l1", level1), ("l2", whole)] {
            let module = format!("decoder.inverse_wavelet_transform_{level}");
            match haar {
                Haar::Spatial => tensors.spatial(&module),
                Haar::SpatioTemporal(c) => tensors.inverse_spatio_temporal(&module, c),
            }
        }
        if self.rule == TemporalRule::Symmetric {
            tensors.temporal_processor(constants);
        }
        tensors
    }
}
