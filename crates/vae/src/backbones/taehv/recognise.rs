//! A TAEHV's settings from its weight file. Two clip rules and the previews cannot be seen in it.
//! Source: spec/taehv.md 5.

use serde_json::{Value, json};

use super::config::TaehvConfig;
use crate::file_shapes::FileShapes;

/// Colours of a pixel.
const RGB: usize = 3;
/// Places of the pools in the encoder.
const POOLS: [usize; 3] = [2, 7, 12];

impl TaehvConfig {
    /// The config of a file, if it is of this backbone.
    pub(crate) fn recognise(file: &FileShapes) -> Option<Value> {
        let size = |name: &str, axis| file.size(name, axis);
        let pool = |at: usize| {
            let name = format!("encoder.{at}.conv.weight");
            Some(size(&name, 1)? > size(&name, 0)?)
        };
        let pools = [pool(POOLS[0])?, pool(POOLS[1])?, pool(POOLS[2])?];
        let (decoder, grows, widths) = if file.has("decoder.0.weight") {
            let widths = [
                "decoder.0",
                "decoder.7.conv",
                "decoder.14.conv",
                "decoder.21.conv",
            ];
            ("super", [7, 14, 21], widths)
        } else {
            let kind = if file.has("decoder.3.conv.6.weight") {
                "wide"
            } else {
                "base"
            };
            let widths = ["decoder.1", "decoder.8", "decoder.14", "decoder.20"];
            (kind, [7, 13, 19], widths)
        };
        let grow = |at: usize| {
            let name = format!("decoder.{at}.conv.weight");
            Some(size(&name, 0)? > size(&name, 1)?)
        };
        // A grow of the super decoder has more rows than it is wide.
        let axis = |layer: &str| usize::from(layer.ends_with("conv"));
        let width = |layer: &str| size(&format!("{layer}.weight"), axis(layer));
        let [first, second, third, last] = widths;
        let cell = size("encoder.0.weight", 1)? / RGB;
        Some(json!({
            "_class_name": Self::CLASS,
            "latent_channels": size("encoder.17.weight", 0)?,
            "patch_size": cell.isqrt(),
            "encoder_width": size("encoder.0.weight", 0)?,
            "decoder_widths": [width(first)?, width(second)?, width(third)?, width(last)?],
            "decoder": decoder,
            "encoder_time_downscale": pools,
            "decoder_time_upscale": [grow(grows[0])?, grow(grows[1])?, grow(grows[2])?],
        }))
    }
}
