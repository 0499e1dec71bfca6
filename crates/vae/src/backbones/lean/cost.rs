//! Where each layer works.

use super::config::LeanConfig;
use super::patcher::FRAMES;
use crate::work::{Grid, Work};

impl LeanConfig {
    /// The work of the layer with a weight of this name.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        let frames = 1 + (clip.frames - 1) / FRAMES;
        let tokens = Grid {
            frames,
            height: clip.height / 8,
            width: clip.width / 8,
        };
        let parts: Vec<&str> = name.split('.').collect();
        let part = |layer: &str| match layer {
            layer if layer.starts_with("image_") => tokens.with_frames(1),
            layer if layer.starts_with("video_") => tokens.behind_first(),
            _ => tokens,
        };
        match parts[..] {
            ["encoder", layer, ..] => Work::encoding(part(layer)),
            ["decoder", layer, ..] => Work::decoding(part(layer)),
            ["std_layer", ..] => Work::encoding(tokens),
            // The projection to the latent; each step of the solver projects and goes back.
            ["latent_bottleneck", "phi"] => Work {
                decode: 2 * self.ista_iter_num as u64 * Work::decoding(tokens).decode,
                ..Work::encoding(tokens)
            },
            _ => Work::decoding(tokens),
        }
    }
}
