//! A Wan 2.1 VAE's arguments from its weight file.

use serde_json::{Value, json};

use super::config::{WanClass, WanConfig};
use crate::file_shapes::FileShapes;

/// The names that differ between the original and the diffusers library.
struct Names {
    stem: &'static str,
    before_decoder: &'static str,
    stack: &'static str,
    /// The last convolution of a residual block.
    last: &'static str,
}

const ORIGINAL: Names = Names {
    stem: "encoder.conv1.weight",
    before_decoder: "conv2.weight",
    stack: "encoder.downsamples",
    last: "residual.6.weight",
};

const DIFFUSERS: Names = Names {
    stem: "encoder.conv_in.weight",
    before_decoder: "post_quant_conv.weight",
    stack: "encoder.down_blocks",
    last: "conv2.weight",
};

impl WanConfig {
    /// The config of a file, if it is of this backbone. LC-VAE's authors use rounded taps.
    pub(crate) fn recognise(file: &FileShapes) -> Option<Value> {
        let diffusers = file.has(DIFFUSERS.stem);
        let names = if diffusers { DIFFUSERS } else { ORIGINAL };
        let (class, constants) = if diffusers {
            (WanClass::Diffusers, "exact")
        } else if file.has_prefix("temporal_processor.") {
            (WanClass::MultiWavelet, "reference")
        } else {
            (WanClass::Original, "exact")
        };
        let dim = file.size(names.stem, 0)?;
        // Four stages of blocks, and three samplers.
        let blocks = file.count(names.stack).checked_sub(3)? / 4;
        let at = |stage: usize| stage * (blocks + 1);
        let mult = |stage| {
            let name = format!("{}.{}.{}", names.stack, at(stage), names.last);
            file.size(&name, 0).map(|width| width / dim.max(1))
        };
        let temporal = |stage| {
            let sampler = at(stage) + blocks;
            file.has(&format!("{}.{sampler}.time_conv.weight", names.stack))
        };
        Some(json!({
            "_class_name": class.name(),
            "constants": constants,
            "latent_dim": file.size(names.before_decoder, 0)?,
            "dim": dim,
            "dim_mult": [mult(0)?, mult(1)?, mult(2)?, mult(3)?],
            "num_res_blocks": blocks,
            "temporal_downsample": [temporal(0), temporal(1), temporal(2)],
        }))
    }
}
