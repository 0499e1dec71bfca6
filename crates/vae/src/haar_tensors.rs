//! The Haar constants that the references keep in their weight files.
//!
//! They are no parameters here: they are written so that a reference loads our files strictly,
//! and checked when a file has them. Source: spec/wfvae.md 2 and Appendix A, spec/lcvae.md 2.9.

use std::collections::BTreeMap;

use wavelet::{Constants, SpatioTemporalBand};

/// Names of the 3-D filters in band order.
const FILTERS_3D: [&str; 8] = ["h", "g", "hh", "gh", "h_v", "g_v", "hh_v", "gh_v"];
/// The 2-D filters with their signs over the rows and columns of a 2x2 block.
const FILTERS_2D: [(&str, [f32; 4]); 4] = [
    ("aa", [0.5, 0.5, 0.5, 0.5]),
    ("ad", [0.5, 0.5, -0.5, -0.5]),
    ("da", [0.5, -0.5, 0.5, -0.5]),
    ("dd", [0.5, -0.5, -0.5, 0.5]),
];

/// Whether a tensor name is that of a Haar constant.
pub(crate) fn is_haar(name: &str) -> bool {
    name.contains("wavelet_transform") || name.starts_with("temporal_processor.")
}

/// The Haar constants of a model, by name: shape and values.
#[derive(Default)]
pub(crate) struct HaarTensors(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl HaarTensors {
    /// Those of a step over rows and columns.
    pub(crate) fn spatial(&mut self, module: &str) {
        for (filter, values) in FILTERS_2D {
            self.insert(format!("{module}.{filter}"), vec![1, 1, 2, 2], &values);
        }
    }

    /// Those of a forward step over three axes, which the references keep in convolutions.
    pub(crate) fn spatio_temporal(&mut self, module: &str, constants: Constants) {
        self.three_d(module, "_conv.conv.weight", constants);
    }

    /// Those of an inverse step over three axes.
    pub(crate) fn inverse_spatio_temporal(&mut self, module: &str, constants: Constants) {
        self.three_d(module, "", constants);
    }

    /// Those of LC-VAE's latent transform.
    pub(crate) fn temporal_processor(&mut self, constants: Constants) {
        self.spatio_temporal("temporal_processor.dwt3d", constants);
        self.inverse_spatio_temporal("temporal_processor.idwt3d", constants);
        let tap = constants.one();
        for module in ["dwt_temporal", "idwt_temporal"] {
            for (filter, values) in [("h_t", [tap, tap]), ("g_t", [tap, -tap])] {
                let name = format!("temporal_processor.{module}.{filter}");
                self.insert(name, vec![1, 1, 2, 1, 1], &values);
            }
        }
    }

    fn three_d(&mut self, module: &str, suffix: &str, constants: Constants) {
        for (filter, band) in FILTERS_3D.iter().zip(SpatioTemporalBand::all()) {
            let values: [f32; 8] = std::array::from_fn(|i| {
                let flips = (band.index() & i).count_ones();
                let sign = if flips % 2 == 0 { 1.0 } else { -1.0 };
                sign * constants.three()
            });
            let name = format!("{module}.{filter}{suffix}");
            self.insert(name, vec![1, 1, 2, 2, 2], &values);
        }
    }

    fn insert(&mut self, name: String, shape: Vec<usize>, values: &[f32]) {
        self.0.insert(name, (shape, values.to_vec()));
    }
}

impl IntoIterator for HaarTensors {
    type Item = (String, (Vec<usize>, Vec<f32>));
    type IntoIter = std::collections::btree_map::IntoIter<String, (Vec<usize>, Vec<f32>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
