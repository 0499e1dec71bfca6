//! What the two halves of a model give.

use burn::tensor::Tensor;

use crate::posterior::Posterior;

/// What encoding a clip gives.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// The posterior of the latent.
    pub posterior: Posterior,
    /// The encoder's side of the WL loss; `None` for models that are trained without it: all but
    /// WF-VAE.
    pub wavelets: Option<Wavelets>,
}

/// What decoding a latent gives.
#[derive(Clone, Debug)]
pub struct Decoding {
    /// The clip `[B, 3, T, H, W]`, unclamped.
    pub sample: Tensor<5>,
    /// The decoder's side of the WL loss.
    pub wavelets: Option<Wavelets>,
}

/// Of a model without a WL loss.
impl From<Posterior> for Encoding {
    fn from(posterior: Posterior) -> Self {
        Self {
            posterior,
            wavelets: None,
        }
    }
}

/// Of a model without a WL loss.
impl From<Tensor<5>> for Decoding {
    fn from(sample: Tensor<5>) -> Self {
        Self {
            sample,
            wavelets: None,
        }
    }
}

/// The wavelet coefficients beside the backbone, of the encoder or the decoder: what the WL loss
/// compares. Source: spec/wfvae.md 4, 5 and 9.
#[derive(Clone, Debug)]
pub struct Wavelets {
    /// Level 2 (`W2`): `[B, 12, T1, H/4, W/4]`, or 24 channels for 8x8x8 models.
    pub level1: Tensor<5>,
    /// Level 3 (`W3`): `[B, 24, T', H/8, W/8]`.
    pub level2: Tensor<5>,
}

impl Wavelets {
    /// Both levels changed alike.
    #[must_use]
    pub fn map(self, change: impl Fn(Tensor<5>) -> Tensor<5>) -> Self {
        Self {
            level1: change(self.level1),
            level2: change(self.level2),
        }
    }
}
