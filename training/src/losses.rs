//! What training minimises.

use burn::tensor::Tensor;
use vae::{Encoding, Posterior, Wavelets};

use crate::config::{LossConfig, Reduction};

/// The loss and its terms, each a scalar tensor `[1]`, before weighting.
pub(crate) struct Losses {
    /// Weighted sum of the terms: what is differentiated.
    pub(crate) total: Tensor<1>,
    /// Absolute error of the samples, in the clip's range [-1, 1]: the mean, or with the
    /// references' reduction the sum per frame.
    pub(crate) l1: Tensor<1>,
    /// KL divergence of the posterior from N(0, 1): mean per latent element, or sum per clip.
    ///
    /// With means on both sides the references' weight of 1e-6 is about `1.3e-9 * C * T`.
    pub(crate) kl: Tensor<1>,
    /// Absolute difference of the encoder's and decoder's wavelet coefficients, mean or sum per
    /// clip, added over the two levels; zero for models without that pair.
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
    let [batch, _, frames, _, _] = clip.dims();
    let reduction = config.reduction;
    let difference = sample - clip;
    let l1 = reduce(difference.clone().abs(), reduction, batch * frames);
    let squares = match config.l2 {
        0.0 => Tensor::zeros([1], &device),
        _ => reduce(difference.square(), reduction, batch * frames),
    };
    let kl = kl(&encoding.posterior, reduction);
    let wavelet = match (encoding.wavelets, decoded) {
        (Some(encoder), Some(decoder)) => {
            let level = |a: Tensor<5>, b: Tensor<5>| reduce((a - b).abs(), reduction, batch);
            level(encoder.level1, decoder.level1) + level(encoder.level2, decoder.level2)
        }
        _ => Tensor::zeros([1], &device),
    };
    let total = l1.clone() * config.l1
        + squares * config.l2
        + kl.clone() * config.kl
        + wavelet.clone() * config.wavelet;
    Losses {
        total,
        l1,
        kl,
        wavelet,
    }
}

/// The mean over elements, or the sum over elements divided by a number of frames or clips.
fn reduce(errors: Tensor<5>, reduction: Reduction, count: usize) -> Tensor<1> {
    match reduction {
        Reduction::Mean => errors.mean(),
        Reduction::Reference => errors.sum() / count as f64,
    }
}

fn kl(posterior: &Posterior, reduction: Reduction) -> Tensor<1> {
    let [_, channels, frames, height, width] = posterior.mean.dims();
    let per_clip = posterior.kl().mean();
    match reduction {
        Reduction::Mean => per_clip / (channels * frames * height * width) as f64,
        Reduction::Reference => per_clip,
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use safetensors::SafeTensors;

    use super::*;

    const VECTORS: &[u8] = include_bytes!("../../tests/fixtures/wfvae/losses.safetensors");

    fn read(name: &str) -> (Vec<usize>, Vec<f32>) {
        let file = SafeTensors::deserialize(VECTORS).unwrap();
        let view = file.tensor(name).unwrap();
        let (numbers, _) = view.data().as_chunks::<4>();
        let values = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        (view.shape().to_vec(), values)
    }

    fn tensor(name: &str) -> Tensor<5> {
        let (shape, values) = read(name);
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    #[test]
    fn the_sums_are_the_references() {
        let config = LossConfig {
            l1: 1.0,
            l2: 0.0,
            kl: 1e-6,
            wavelet: 0.1,
            reduction: Reduction::Reference,
        };
        let wavelets = |level1, level2| {
            Some(Wavelets {
                level1: tensor(level1),
                level2: tensor(level2),
            })
        };
        // Whose pair is whose does not matter; wl0 and wl1, wl2 and wl3 are compared.
        let encoding = Encoding {
            posterior: Posterior::from_moments(tensor("parameters")),
            wavelets: wavelets("wl0", "wl2"),
        };
        let found = losses(
            &config,
            tensor("input"),
            encoding,
            tensor("recon"),
            wavelets("wl1", "wl3"),
        );
        let expected = ["nll.l1.logvar0.0.pw0.0", "kl", "wl"].map(|name| read(name).1[0]);
        let found_terms = [found.l1, found.kl, found.wavelet].map(|term| term.into_scalar::<f32>());
        for (found, expected) in found_terms.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= 1e-5 * expected,
                "{found} for {expected}"
            );
        }
        let total = expected[0] + 1e-6 * expected[1] + 0.1 * expected[2];
        let found = found.total.into_scalar::<f32>();
        assert!((found - total).abs() <= 1e-5 * total, "{found} for {total}");
    }
}
