//! A perceptual distance between clips, from files that the user supplies.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use clips::Extent;
use codec::InputRange;
use perceptual::{Backbone, Features, PerceptualDistance, TensorMap};

use crate::score::Pixels;

/// Frames compared at once: enough to keep a device busy, few enough for any memory.
const FRAMES: usize = 8;

/// A distance in the features of a network.
pub(crate) struct Perceptual {
    distance: PerceptualDistance,
    /// Whether it is taken at every pixel, from maps resized to the frame.
    spatial: bool,
    range: InputRange,
    device: Device,
}

impl Perceptual {
    /// For square frames of `size`: LPIPS where a file of heads is given, else the plain feature
    /// distance.
    pub(crate) fn open(
        network: &Path,
        heads: Option<&Path>,
        spatial: bool,
        size: usize,
        device: &Device,
    ) -> Result<Self> {
        let distance = with_heads(read_backbone(network, device)?, heads, device)?;
        distance
            .check_size(size, size)
            .context("raise --size or leave --perceptual out")?;
        Ok(Self {
            distance,
            spatial,
            range: InputRange::Signed,
            device: device.clone(),
        })
    }

    /// What the figure may be called.
    pub(crate) fn name(&self) -> String {
        let name = self.distance.name();
        if self.spatial {
            format!("{name}, spatial")
        } else {
            name
        }
    }

    /// The same, giving the network frames in another range.
    pub(crate) fn with_input(self, range: InputRange) -> Self {
        Self { range, ..self }
    }

    /// Mean over the frames of a clip and of each of others of its size.
    pub(crate) fn between(&self, clip: &Pixels, others: &[Pixels]) -> Vec<f64> {
        let count = clip.extent.frames;
        let mut sums = vec![0.0; others.len()];
        for start in (0..count).step_by(FRAMES) {
            let features = |clip: &Pixels| {
                let frames = FRAMES.min(count - start);
                let frames = self.frames(clip).narrow(0, start, frames);
                self.distance.features(frames)
            };
            let own = features(clip);
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum += self.sum(&own, &features(other));
            }
        }
        sums.into_iter().map(|sum| sum / count as f64).collect()
    }

    /// The distances of some frames, added up.
    fn sum(&self, a: &Features, b: &Features) -> f64 {
        let sum = if self.spatial {
            self.distance.spatial(a, b).mean_dims(&[1, 2, 3]).sum()
        } else {
            self.distance.between(a, b).sum()
        };
        sum.into_scalar::<f64>()
    }

    /// The frames as the network is given them, `[T, 3, H, W]`.
    fn frames(&self, clip: &Pixels) -> Tensor<4> {
        let Extent {
            frames,
            height,
            width,
        } = clip.extent;
        let data = TensorData::new(clip.values.clone(), [frames, height, width, 3]);
        let unit = Tensor::<4>::from_data(data, &self.device).permute([0, 3, 1, 2]);
        match self.range {
            InputRange::Signed => unit * 2.0 - 1.0,
            InputRange::Unit => unit,
        }
    }
}

/// The network of a file.
///
/// # Errors
/// If the file cannot be read, or is of no network that is known.
pub fn read_backbone(network: &Path, device: &Device) -> Result<Backbone> {
    Backbone::read(&read(network)?, device).with_context(|| unfit(network))
}

/// LPIPS where a file of heads is given, else the plain feature distance.
///
/// # Errors
/// If the file cannot be read, or is for another network.
pub fn with_heads(
    backbone: Backbone,
    heads: Option<&Path>,
    device: &Device,
) -> Result<PerceptualDistance> {
    match heads {
        None => Ok(PerceptualDistance::without_heads(backbone)),
        Some(path) => TensorMap::read(&read(path)?)
            .and_then(|heads| PerceptualDistance::lpips(backbone, &heads, device))
            .with_context(|| unfit(path)),
    }
}

/// What is said of a file that is another one than was asked for.
pub(crate) fn unfit(path: &Path) -> String {
    format!("{} cannot be used", path.display())
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
