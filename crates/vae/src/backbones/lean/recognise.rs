//! A LeanVAE's arguments from its weight file.

use serde_json::{Value, json};

use super::config::LeanConfig;
use crate::file_shapes::FileShapes;

impl LeanConfig {
    /// The config of a file, if it is of this backbone.
    pub(crate) fn recognise(file: &FileShapes) -> Option<Value> {
        Some(json!({
            "_class_name": Self::CLASS,
            "latent_dim": file.size("latent_bottleneck.phi", 0)?,
            "l_dim": file.size("encoder.image_low_proj.1.weight", 0)?,
            "h_dim": file.size("encoder.image_high_proj.1.weight", 0)?,
            "sep_num_layer": file.count("encoder.low_layer.dconv_layer"),
            "fusion_num_layer": file.count("encoder.fusion_layer.dconv_layer"),
            "ista_iter_num": file.count("latent_bottleneck.forward_l"),
            "ista_layer_num": file.count("latent_bottleneck.forward_l.0.dconv_layer"),
        }))
    }
}
