//! What training minimises.

use burn::tensor::Tensor;
use vae::{Encoding, Posterior, Wavelets};

use crate::config::LossConfig;

/// The loss and its terms, each a scalar tensor `[1]`, before weighting.
pub(crate) struct Losses {
    /// Weighted sum of the terms: what is differentiated.
    pub(crate) total: Tensor<1>,
    /// Mean absolute error of the samples, in the clip's range [-1, 1].
    pub(crate) l1: Tensor<1>,
    /// KL divergence of the posterior from N(0, 1), mean per latent element.
    ///
    /// The references sum it per video and sum the reconstruction per frame; with means on both
    /// sides their weight of 1e-6 is about `1.3e-9 * C * T` here.
    pub(crate) kl: Tensor<1>,
    /// Mean absolute difference of the encoder's and decoder's wavelet coefficients, summed over
    /// the two levels; zero for models without that pair.
    pub(crate) wavelet: Tensor<1>,
}

/// Every term for one batch. `clip` and `sample` are `[B, 3, T, H, W]`.
pub(crate) fn losses(
    config: &LossConfig,
    clip: Tensor<5>,
    encoding: Encoding,
    sample: Tensor<5>,
    decoded: Option<Wavelets>,
) -> Losses {
    let device = clip.device();
    let l1 = (sample - clip).abs().mean();
    let kl = kl_per_element(&encoding.posterior);
    let wavelet = match (encoding.wavelets, decoded) {
        (Some(encoder), Some(decoder)) => {
            difference(encoder.level1, decoder.level1) + difference(encoder.level2, decoder.level2)
        }
        _ => Tensor::zeros([1], &device),
    };
    let total = l1.clone() * config.l1 + kl.clone() * config.kl + wavelet.clone() * config.wavelet;
    Losses {
        total,
        l1,
        kl,
        wavelet,
    }
}

fn kl_per_element(posterior: &Posterior) -> Tensor<1> {
    let [_, channels, frames, height, width] = posterior.mean.dims();
    posterior.kl().mean() / (channels * frames * height * width) as f64
}

fn difference(a: Tensor<5>, b: Tensor<5>) -> Tensor<1> {
    (a - b).abs().mean()
}
