//! The Haar constants that the references keep in their weight files.
//!
//! They are no parameters here: they are written so that a reference loads our files strictly,
//! and checked when a file has them. Source: spec/wfvae.md 2 and Appendix A, spec/lcvae.md 2.9.

use std::collections::BTreeMap;

use wavelet::{Constants, SpatioTemporalBand};

use crate::backbone::BackboneConfig;
use crate::config::ModelConfig;
use crate::wan::WanClass;
use crate::wf::Haar;

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

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

/// Every Haar constant of a model, by name: shape and values. Only WF-VAE, LC-VAE
/// and LC-VAE's authors' Wan keep any.
pub(crate) fn haar_tensors(config: &ModelConfig) -> Tensors {
    let mut tensors = Tensors::new();
    let wf = match &config.backbone {
        BackboneConfig::Wf(wf) => wf,
        BackboneConfig::Wan(wan) if wan.class == WanClass::MultiWavelet => {
            processor(&mut tensors, config.constants());
            return tensors;
        }
        BackboneConfig::Wan(_) | BackboneConfig::Lean(_) | BackboneConfig::Iv(_) => {
            return tensors;
        }
    };
    let level1 = wf.level1(config.constants());
    let level3 = Haar::SpatioTemporal(config.constants());
    for (level, haar) in [("in", level3), ("l1", level1), ("l2", level3)] {
        forward(
            &mut tensors,
            &format!("encoder.wavelet_transform_{level}"),
            haar,
        );
    }
    for (level, haar) in [("out", level3), ("l1", level1), ("l2", level3)] {
        inverse(
            &mut tensors,
            &format!("decoder.inverse_wavelet_transform_{level}"),
            haar,
        );
    }
    if config.compresses() {
        processor(&mut tensors, config.constants());
    }
    tensors
}

fn forward(tensors: &mut Tensors, prefix: &str, haar: Haar) {
    match haar {
        Haar::Spatial => spatial(tensors, prefix),
        Haar::SpatioTemporal(c) => three_d(tensors, prefix, "_conv.conv.weight", c),
    }
}

fn inverse(tensors: &mut Tensors, prefix: &str, haar: Haar) {
    match haar {
        Haar::Spatial => spatial(tensors, prefix),
        Haar::SpatioTemporal(c) => three_d(tensors, prefix, "", c),
    }
}

fn processor(tensors: &mut Tensors, constants: Constants) {
    three_d(
        tensors,
        "temporal_processor.dwt3d",
        "_conv.conv.weight",
        constants,
    );
    three_d(tensors, "temporal_processor.idwt3d", "", constants);
    let tap = constants.one();
    for module in ["dwt_temporal", "idwt_temporal"] {
        for (filter, values) in [("h_t", [tap, tap]), ("g_t", [tap, -tap])] {
            let name = format!("temporal_processor.{module}.{filter}");
            tensors.insert(name, (vec![1, 1, 2, 1, 1], values.to_vec()));
        }
    }
}

fn spatial(tensors: &mut Tensors, prefix: &str) {
    for (filter, values) in FILTERS_2D {
        tensors.insert(
            format!("{prefix}.{filter}"),
            (vec![1, 1, 2, 2], values.to_vec()),
        );
    }
}

fn three_d(tensors: &mut Tensors, prefix: &str, suffix: &str, constants: Constants) {
    for (filter, band) in FILTERS_3D.iter().zip(SpatioTemporalBand::all()) {
        let values = (0..8).map(|i| {
            let flips = band.index() & i;
            let sign = if flips.count_ones() % 2 == 0 {
                1.0
            } else {
                -1.0
            };
            sign * constants.three()
        });
        let name = format!("{prefix}.{filter}{suffix}");
        tensors.insert(name, (vec![1, 1, 2, 2, 2], values.collect()));
    }
}
