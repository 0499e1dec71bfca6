//! How frames meet the models and the measures. Source: spec/lcvae.md 10, spec/metrics.md 0.

use anyhow::Result;
use burn::tensor::Tensor;
use clap::ValueEnum;
use clips::{Clip, Extent};
use codec::{Codec, InputRange};
use perceptual::Levels;
use serde::Serialize;
use vae::Shot;

use crate::score::Pixels;

/// Whose way of evaluating: the figures of different ones cannot be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Frames go in as in training, in [-1, 1]; what is decoded is clamped and rounded to 8 bits.
    #[default]
    Bytes,
    /// The LC-VAE scripts': models and LPIPS get frames in [0, 1], which neither is made for; what is
    /// decoded is neither clamped nor rounded.
    LcScripts,
}

impl Protocol {
    /// What models are given.
    pub(crate) fn input(self) -> InputRange {
        match self {
            Self::Bytes => InputRange::Signed,
            Self::LcScripts => InputRange::Unit,
        }
    }

    /// The frames that a latent of these shots is decoded to, as they are measured.
    pub(crate) fn decode(
        self,
        codec: &Codec,
        latent: Tensor<5>,
        shots: &[Shot],
        extent: Extent,
    ) -> Result<Pixels> {
        match self {
            Self::Bytes => Ok(Pixels::of(&codec.decode(latent, shots, extent)?)),
            Self::LcScripts => Ok(Pixels {
                values: codec.decode_floats(latent, shots, extent)?,
                extent,
            }),
        }
    }

    /// Frames that no model made, `[T, H, W, 3]` in [0, 1], as they are measured.
    pub(crate) fn pixels(self, values: Vec<f32>, extent: Extent) -> Result<Pixels> {
        match self {
            Self::Bytes => {
                let bytes = values.iter().map(|v| (v * 255.0).round() as u8).collect();
                Ok(Pixels::of(&Clip::new(extent.width, extent.height, bytes)?))
            }
            Self::LcScripts => Ok(Pixels { values, extent }),
        }
    }

    /// What I3D makes of the numbers.
    pub(crate) fn levels(self) -> Levels {
        match self {
            Self::Bytes => Levels::Bytes,
            Self::LcScripts => Levels::Floats,
        }
    }

    /// What is said above the tables.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Bytes => "8-bit frames",
            Self::LcScripts => {
                "as the LC-VAE scripts (frames given in [0, 1], output neither clamped nor rounded)"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_are_rounded_and_clamped() {
        let extent = Extent {
            frames: 1,
            height: 1,
            width: 1,
        };
        let values = vec![0.2501, -0.3, 1.4];
        let bytes = Protocol::Bytes.pixels(values.clone(), extent).unwrap();
        assert_eq!(bytes.values, [64.0 / 255.0, 0.0, 1.0]);
        let floats = Protocol::LcScripts.pixels(values.clone(), extent).unwrap();
        assert_eq!(floats.values, values);
    }
}
