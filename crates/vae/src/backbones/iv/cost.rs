//! Where each layer works.

use super::config::IvConfig;
use crate::work::{Grid, Levels, Work};

impl IvConfig {
    /// The work of the layer with a weight of this name.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        let levels = Levels::new(clip, Self::TEMPORAL_DOWNSAMPLE);
        let parts: Vec<&str> = name.split('.').collect();
        match parts[..] {
            ["encoder", "conv1", ..] => Work::encoding(clip),
            ["encoder", "downsamples", at, layer, ..] => {
                Work::encoding(self.down(index(at), layer, &levels))
            }
            ["encoder" | "conv1", ..] => Work::encoding(levels.latent()),
            ["decoder", "upsamples", at, layer, ..] => {
                Work::decoding(self.up(index(at), layer, &levels))
            }
            ["decoder", "head", ..] => Work::decoding(clip),
            _ => Work::decoding(levels.latent()),
        }
    }

    /// Three stages of blocks and a sampler, then layers at the latent's resolution.
    fn down(&self, at: usize, layer: &str, levels: &Levels) -> Grid {
        let stage = self.num_res_blocks + 1;
        let level = at / stage;
        if level < 3 && at % stage == self.num_res_blocks {
            levels.down(level, layer)
        } else {
            levels.at(level)
        }
    }

    /// Blocks and attention at the latent's resolution, then three stages of a sampler and blocks.
    fn up(&self, at: usize, layer: &str, levels: &Levels) -> Grid {
        let blocks = self.num_res_blocks + 1;
        let Some(at) = at.checked_sub(2 * blocks) else {
            return levels.latent();
        };
        let stage = (at / (blocks + 1)).min(2);
        if at % (blocks + 1) == 0 {
            levels.up(3 - stage, layer)
        } else {
            levels.at(2 - stage)
        }
    }
}

fn index(at: &str) -> usize {
    at.parse().unwrap_or_default()
}
