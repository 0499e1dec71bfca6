//! The distance between frames in a network's features, as a loss.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor};
use evaluation::{read_backbone, with_heads};
use perceptual::PerceptualDistance;

use super::Pair;
use crate::config::PerceptualConfig;

const TIME: usize = 2;
/// Windows begin where a latent frame does.
const FRAMES_PER_LATENT: usize = 4;

/// A perceptual distance with its weight.
pub(crate) struct PerceptualLoss {
    config: PerceptualConfig,
    distance: PerceptualDistance,
}

impl PerceptualLoss {
    /// Reads the network, and the heads if there are to be any, for square frames of `size`.
    ///
    /// # Errors
    /// If no file is named, or one is missing, of another network, or does not fit; or if the
    /// frames are too small for the network.
    pub(crate) fn open(config: &PerceptualConfig, size: usize, device: &Device) -> Result<Self> {
        let wanted = config.backbone.full();
        let file = config.file.as_deref().with_context(|| {
            format!(
                "the perceptual loss needs the weights of {wanted}: name their file with \
                 --perceptual, or leave the loss out with --no-perceptual"
            )
        })?;
        let backbone = read_backbone(file, device)?;
        ensure!(
            backbone.name() == wanted,
            "{} is {}, but loss.perceptual.backbone asks for {wanted}",
            file.display(),
            backbone.name()
        );
        let distance = with_heads(backbone, config.heads.as_deref(), device)?;
        distance
            .check_size(size, size)
            .context("raise data.size or leave the perceptual loss out with --no-perceptual")?;
        Ok(Self::new(config, distance))
    }

    pub(crate) fn new(config: &PerceptualConfig, distance: PerceptualDistance) -> Self {
        let config = config.clone();
        Self { config, distance }
    }

    /// What it may be called.
    pub(crate) fn name(&self) -> String {
        self.distance.name()
    }

    pub(crate) fn weight(&self) -> f64 {
        self.config.weight
    }

    /// The mean distance of the frames that `draw` chooses, `[1]`.
    pub(crate) fn between(&self, pair: &Pair, draw: u64) -> Tensor<1> {
        let [clip, sample] = [&pair.clip, &pair.sample].map(|x| self.frames(x, draw));
        self.distance.distance(sample, clip).mean()
    }

    /// `[B, 3, T, H, W]` to the frames to compare, `[N, 3, H, W]`.
    fn frames(&self, clip: &Tensor<5>, draw: u64) -> Tensor<4> {
        let clip = match self.config.window {
            Some(count) if count + 1 < clip.dims()[TIME] => {
                let start = window_start(clip.dims()[TIME], count, draw);
                let first = clip.clone().narrow(TIME, 0, 1);
                let rest = clip.clone().narrow(TIME, start, count);
                Tensor::cat(vec![first, rest], TIME)
            }
            _ => clip.clone(),
        };
        let [batch, colours, frames, height, width] = clip.dims();
        let frames = clip
            .swap_dims(1, 2)
            .reshape([batch * frames, colours, height, width]);
        if self.config.scale == 1.0 {
            frames
        } else {
            frames * self.config.scale
        }
    }
}

/// A frame behind the first at which a latent frame begins, and `count` frames follow.
fn window_start(frames: usize, count: usize, draw: u64) -> usize {
    let places = (frames - 1 - count) / FRAMES_PER_LATENT + 1;
    1 + FRAMES_PER_LATENT * (draw % places as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_with_a_latent_frame_and_fit() {
        let starts: Vec<usize> = (0..4).map(|draw| window_start(17, 4, draw)).collect();
        assert_eq!(starts, [1, 5, 9, 13]);
        assert_eq!(window_start(17, 4, 4), 1);
        assert_eq!(window_start(17, 15, 9), 1);
    }
}
