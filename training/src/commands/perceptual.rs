//! A perceptual distance between clips, from files that the user supplies.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use clips::Clip;
use perceptual::{Backbone, PerceptualDistance, TensorMap};

/// Frames compared at once: enough to keep a device busy, few enough for any memory.
const FRAMES: usize = 8;

/// A distance in the features of a network.
pub(crate) struct Perceptual {
    distance: PerceptualDistance,
    device: Device,
}

impl Perceptual {
    /// LPIPS where a file of heads is given, else the plain feature distance.
    pub(crate) fn open(network: &Path, heads: Option<&Path>, device: &Device) -> Result<Self> {
        let unfit = |path: &Path| format!("{} cannot be used", path.display());
        let backbone = Backbone::read(&read(network)?, device).with_context(|| unfit(network))?;
        let distance = match heads {
            None => PerceptualDistance::without_heads(backbone),
            Some(path) => TensorMap::read(&read(path)?)
                .and_then(|heads| PerceptualDistance::lpips(backbone, &heads, device))
                .with_context(|| unfit(path))?,
        };
        Ok(Self {
            distance,
            device: device.clone(),
        })
    }

    /// What the figure may be called.
    pub(crate) fn name(&self) -> String {
        self.distance.name()
    }

    /// Mean over the frames of two clips of one size.
    pub(crate) fn between(&self, clip: &Clip, other: &Clip) -> Result<f64> {
        let mut sum = 0.0;
        for start in (0..clip.frames()).step_by(FRAMES) {
            let [a, b] = [clip, other].map(|clip| self.frames(clip, start));
            sum += self.distance.distance(a, b).sum().into_scalar::<f64>();
        }
        Ok(sum / clip.frames() as f64)
    }

    /// Up to [`FRAMES`] frames, `[N, 3, H, W]` in [-1, 1].
    fn frames(&self, clip: &Clip, start: usize) -> Tensor<4> {
        let frames = clip.iter().skip(start).take(FRAMES);
        let values: Vec<f32> = frames
            .flatten()
            .map(|&value| f32::from(value) / 127.5 - 1.0)
            .collect();
        let count = values.len() / clip.frame_len();
        let data = TensorData::new(values, [count, clip.height(), clip.width(), 3]);
        Tensor::<4>::from_data(data, &self.device).permute([0, 3, 1, 2])
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
