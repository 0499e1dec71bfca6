//! Where each layer works.

use super::config::WanConfig;
use crate::work::{Grid, Levels, Work};

impl WanConfig {
    /// The work of the layer with a weight of this name.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        let levels = Levels::new(clip, self.temporal_downsample);
        let parts: Vec<&str> = name.split('.').collect();
        match parts[..] {
            ["encoder", "conv1", ..] => Work::encoding(clip),
            ["encoder", "downsamples", at, layer, ..] => {
                let (level, sampler) = place(at, self.num_res_blocks);
                Work::encoding(if sampler && level < 3 {
                    levels.down(level, layer)
                } else {
                    levels.at(level)
                })
            }
            ["encoder" | "conv1", ..] => Work::encoding(levels.latent()),
            ["decoder", "upsamples", at, layer, ..] => {
                let (stage, sampler) = place(at, self.blocks_per_decoder_stage());
                let level = 3 - stage.min(3);
                Work::decoding(if sampler {
                    levels.up(level, layer)
                } else {
                    levels.at(level)
                })
            }
            ["decoder", "head", ..] => Work::decoding(clip),
            _ => Work::decoding(levels.latent()),
        }
    }
}

/// Stage of the layer at this place of a stack in which each stage is some blocks and a sampler,
/// and whether it is the sampler.
fn place(at: &str, blocks: usize) -> (usize, bool) {
    let at: usize = at.parse().unwrap_or_default();
    (at / (blocks + 1), at % (blocks + 1) == blocks)
}
