//! An IV-VAE's arguments from its weight file.

use serde_json::{Value, json};

use super::config::IvConfig;
use crate::file_shapes::FileShapes;

impl IvConfig {
    /// The config of a file, if it is of this backbone.
    pub(crate) fn recognise(file: &FileShapes) -> Option<Value> {
        let dim = file.size("encoder.conv1.conv_3d.weight", 0)?;
        // Three stages of blocks and a sampler; attention; blocks with attention.
        let blocks = file.count("encoder.downsamples").checked_sub(4)? / 5;
        let at = |stage: usize| stage * (blocks + 1);
        let mult = |stage| {
            let name = format!(
                "encoder.downsamples.{}.residual.6.conv_3d.weight",
                at(stage)
            );
            file.size(&name, 0).map(|width| width / dim.max(1))
        };
        let top = format!("encoder.downsamples.{}.residual.6.conv.weight", at(3) + 1);
        let top = file.size(&top, 0)? / (2 * dim.max(1));
        Some(json!({
            "_class_name": Self::CLASS,
            "z_dim": file.size("conv2.conv_2d.weight", 1)?,
            "dim": dim,
            "dim_mult": [mult(0)?, mult(1)?, mult(2)?, top],
            "num_res_blocks": blocks,
        }))
    }
}
