//! I3D: features of whole clips, which the Fréchet video distance compares.
//!
//! The `videogpt` variant, whose weights are the state dict `i3d_pretrained_400.pt`. Its 400 logits
//! are the features. Source: spec/metrics.md 4.

mod layers;
mod load;
mod prepare;
#[cfg(test)]
mod tests;

use burn::tensor::{Device, Tensor};
use torchfile::TorchFile;

use crate::error::PerceptualError;
use crate::network::describe;
use crate::tensor_map::TensorMap;
use layers::Stage;
pub use prepare::Levels;

/// Height and width of the pictures that the network sees.
const SIDE: usize = 224;

/// A frozen I3D network.
#[derive(Clone, Debug)]
pub struct I3d {
    stages: Vec<Stage>,
    /// `[1024, 400]`.
    weight: Tensor<2>,
    /// `[1, 400]`.
    bias: Tensor<2>,
}

impl I3d {
    /// Frames that a clip must have: the network halves them three times and then takes two.
    pub const FEWEST_FRAMES: usize = 9;

    /// The network of a file: `i3d_pretrained_400.pt`, or the same tensors as safetensors.
    ///
    /// # Errors
    /// If it is another file; the TorchScript file of the other variant is named as such.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self, PerceptualError> {
        if TorchFile::is_script(bytes) {
            return Err(PerceptualError::Script);
        }
        Self::new(&TensorMap::read(bytes)?, device)
    }

    /// The network from the tensors of its file.
    ///
    /// # Errors
    /// If the tensors are another network's or do not fit.
    pub fn new(tensors: &TensorMap, device: &Device) -> Result<Self, PerceptualError> {
        if !load::recognises(tensors) {
            return Err(PerceptualError::NotI3d {
                found: describe(tensors),
            });
        }
        let load::Parts {
            stages,
            weight,
            bias,
        } = load::network(tensors, device).map_err(PerceptualError::I3dMisfit)?;
        Ok(Self {
            stages,
            weight,
            bias,
        })
    }

    /// The logits of clips, `[B, 400]`: no softmax, the mean over time. `clips` is
    /// `[B, 3, T, H, W]`, RGB in [0, 1], of any height and width.
    ///
    /// # Errors
    /// If the clips have fewer than [`Self::FEWEST_FRAMES`] frames.
    pub fn logits(&self, clips: Tensor<5>, levels: Levels) -> Result<Tensor<2>, PerceptualError> {
        let frames = clips.dims()[2];
        if frames < Self::FEWEST_FRAMES {
            let fewest = Self::FEWEST_FRAMES;
            return Err(PerceptualError::TooShort { frames, fewest });
        }
        let x = prepare::prepare(clips, SIDE, levels);
        Ok(self.head(self.stages.iter().fold(x, |x, stage| stage.forward(x))))
    }

    /// The logits of `[B, 1024, T', 7, 7]`: the mean over the picture and over every two
    /// neighbouring frames, an affine map, and the mean over time, which may as well be taken first.
    fn head(&self, x: Tensor<5>) -> Tensor<2> {
        let [clips, channels, frames, ..] = x.dims();
        let x = x.mean_dims(&[3, 4]).reshape([clips, channels, frames]);
        let pairs = x.clone().narrow(2, 0, frames - 1) + x.narrow(2, 1, frames - 1);
        let pooled = pairs.mean_dim(2).reshape([clips, channels]) / 2.0;
        pooled.matmul(self.weight.clone()) + self.bias.clone()
    }
}
