//! The Haar constants in the weight files of WF-VAE and LC-VAE.

use wavelet::Constants;

use super::config::WfConfig;
use crate::blocks::Haar;
use crate::haar_tensors::HaarTensors;
use crate::pass::TemporalRule;

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
