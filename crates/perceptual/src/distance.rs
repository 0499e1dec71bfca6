//! How far two sets of frames are apart in a network's features.

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData};

use crate::backbone::Backbone;
use crate::error::PerceptualError;
use crate::tensor_map::TensorMap;

/// A distance between frames in the features of a frozen network.
#[derive(Clone, Debug)]
pub struct PerceptualDistance {
    backbone: Backbone,
    /// Weight of each channel at each tap, `[1, C, 1, 1]`; `None`: all 1.
    heads: Option<Vec<Tensor<4>>>,
}

impl PerceptualDistance {
    /// LPIPS v0.1, with the published heads of one network, `lin{k}.model.1.weight`, or of all three
    /// in one file, `<net>.lin{k}.model.1.weight`, where `<net>` is `vgg`, `alex` or `squeeze`.
    ///
    /// # Errors
    /// If there are no heads for the network.
    pub fn lpips(
        backbone: Backbone,
        heads: &TensorMap,
        device: &Device,
    ) -> Result<Self, PerceptualError> {
        let Some(network) = backbone.network() else {
            return Err(PerceptualError::NoHeads);
        };
        let own = format!("{}.", network.heads());
        let together = heads.get(&format!("{own}lin0.model.1.weight")).is_some();
        Self::with_heads(backbone, heads, if together { &own } else { "" }, device)
    }

    /// What it may be called.
    pub fn name(&self) -> String {
        let network = self.backbone.name();
        match self.heads {
            Some(_) => format!("LPIPS ({network})"),
            None => format!("feature distance ({network})"),
        }
    }

    /// Heads from `<prefix>lin{k}.model.1.weight`, each `[1, C, 1, 1]`.
    ///
    /// # Errors
    /// If the tensors do not fit the network.
    pub fn with_heads(
        backbone: Backbone,
        heads: &TensorMap,
        prefix: &str,
        device: &Device,
    ) -> Result<Self, PerceptualError> {
        let heads = (0..)
            .map_while(|k| heads.get(&format!("{prefix}lin{k}.model.1.weight")))
            .map(|(shape, values)| {
                Tensor::from_data(TensorData::new(values.to_vec(), shape.to_vec()), device)
            })
            .collect::<Vec<Tensor<4>>>();
        let found: Vec<usize> = heads.iter().map(|head| head.dims()[1]).collect();
        let wanted = backbone.widths();
        if found != wanted {
            return Err(PerceptualError::Unreadable(format!(
                "the heads have {found:?} channels where the network has {wanted:?}"
            )));
        }
        Ok(Self {
            backbone,
            heads: Some(heads),
        })
    }

    /// Every channel counts alike; not LPIPS.
    pub fn without_heads(backbone: Backbone) -> Self {
        Self {
            backbone,
            heads: None,
        }
    }

    /// Refuses frames of which nothing would be left to compare.
    ///
    /// # Errors
    /// If a side is shorter than [`Backbone::smallest_side`].
    pub fn check_size(&self, height: usize, width: usize) -> Result<(), PerceptualError> {
        let smallest = self.backbone.smallest_side();
        if height.min(width) >= smallest {
            return Ok(());
        }
        Err(PerceptualError::TooSmall {
            network: self.backbone.name(),
            height,
            width,
            smallest,
        })
    }

    /// What the network sees in frames `[N, 3, H, W]`, RGB in [-1, 1].
    pub fn features(&self, frames: Tensor<4>) -> Features {
        let [count, _, height, width] = frames.dims();
        let taps = self.backbone.features(frames).into_iter();
        Features {
            taps: taps.map(normalise).collect(),
            shape: [count, height, width],
        }
    }

    /// Distance of each frame. Both are `[N, 3, H, W]`, RGB in [-1, 1]; the result is `[N]`.
    pub fn distance(&self, a: Tensor<4>, b: Tensor<4>) -> Tensor<1> {
        self.between(&self.features(a), &self.features(b))
    }

    /// As [`distance`](Self::distance), of frames whose features are known.
    pub fn between(&self, a: &Features, b: &Features) -> Tensor<1> {
        let means = self.maps(a, b).map(|map| map.mean_dims(&[2, 3]));
        let frames = a.shape[0];
        total(means).reshape([frames])
    }

    /// Distance at every pixel, `[N, 1, H, W]`: each tap's map resized to the frames' size.
    /// Its mean differs slightly from [`Self::between`] where a tap's size does not divide the
    /// frames'.
    pub fn spatial(&self, a: &Features, b: &Features) -> Tensor<4> {
        let options = InterpolateOptions::new(InterpolateMode::Bilinear)
            .with_align_corners(false)
            .with_output_size([a.shape[1], a.shape[2]]);
        let maps = self.maps(a, b);
        total(maps.map(|map| interpolate(map, options.clone())))
    }

    /// Distance at every position of every tap, `[N, 1, H', W']` each.
    fn maps(&self, a: &Features, b: &Features) -> impl Iterator<Item = Tensor<4>> {
        let pairs = a.taps.iter().zip(&b.taps);
        pairs.enumerate().map(|(tap, (a, b))| {
            let squares = (a.clone() - b.clone()).square();
            match &self.heads {
                Some(heads) => (squares * heads[tap].clone()).sum_dim(1),
                None => squares.sum_dim(1),
            }
        })
    }
}

/// What a network sees in frames: features at every tap, of length 1 at every position.
#[derive(Clone, Debug)]
pub struct Features {
    taps: Vec<Tensor<4>>,
    /// Number, height and width of the frames.
    shape: [usize; 3],
}

/// The sum of maps `[N, 1, H, W]` of one size.
fn total(maps: impl Iterator<Item = Tensor<4>>) -> Tensor<4> {
    Tensor::cat(maps.collect(), 1).sum_dim(1)
}

/// Divides by the length of the feature vector at each position.
///
/// Where all features are 0 the root has no slope; there the length is held at 1e-10, which
/// leaves the value as it is and makes the gradient 0 instead of NaN.
fn normalise(features: Tensor<4>) -> Tensor<4> {
    let length = features.clone().square().sum_dim(1);
    features / (length.clamp_min(1e-20).sqrt() + 1e-10)
}
