//! What the latent costs, and how alike encoder and decoder are. Source: spec/wfvae.md 9,
//! spec/lcvae-notes.md 3.3.

use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
use vae::{Encoding, GROUP, Posterior, Wavelets};
use wavelet::{Constants, Mask, multi_wt};

use super::Loss;
use crate::config::{LossConfig, Reduction};

const TIME: usize = 2;

/// The coefficients that pay for what they tell, where it is not the whole latent.
pub(crate) struct Kept<'a> {
    pub(crate) mask: &'a Mask,
    pub(crate) constants: Constants,
    /// The latent frames that compression works on; the others pay in full.
    pub(crate) frames: Range<usize>,
}

/// `kl`, the posterior's divergence from N(0, 1): the mean per latent number, or the sum per clip;
/// and `wavelet`, the absolute difference of the encoder's and decoder's wavelet coefficients, mean
/// or sum per clip, added over the two levels; zero for models without that pair.
///
/// With means on both sides the references' weight of 1e-6 for `kl` is about `1.3e-9 * C * T`.
/// What is not kept costs nothing; the mean is still over all numbers, so that a coefficient pays
/// the same with either.
pub(crate) fn latent(
    config: &LossConfig,
    encoding: &Encoding,
    decoded: Option<&Wavelets>,
    kept: Option<&Kept<'_>>,
) -> Loss {
    let [batch, channels, frames, height, width] = encoding.posterior.mean.dims();
    let per_clip = match kept {
        None => encoding.posterior.kl().mean(),
        Some(kept) => kl_on_kept(&encoding.posterior, kept),
    };
    let kl = match config.reduction {
        Reduction::Mean => per_clip / (channels * frames * height * width) as f64,
        Reduction::Reference => per_clip,
    };
    let reduce = |errors: Tensor<5>| match config.reduction {
        Reduction::Mean => errors.mean(),
        Reduction::Reference => errors.sum() / batch as f64,
    };
    let level = |a: &Tensor<5>, b: &Tensor<5>| reduce((a.clone() - b.clone()).abs());
    let wavelet = match (&encoding.wavelets, decoded) {
        (Some(encoder), Some(decoder)) => {
            level(&encoder.level1, &decoder.level1) + level(&encoder.level2, &decoder.level2)
        }
        _ => Tensor::zeros([1], &kl.device()),
    };
    let total = kl.clone() * config.kl + wavelet.clone() * config.wavelet;
    let terms = vec![("kl", kl), ("wavelet", wavelet)];
    Loss { total, terms }
}

/// The absolute difference that compression makes to the latent, `[1]`: the mean per number, or the
/// sum per clip. Source: spec/lcvae.md 9, the term called distill.
pub(crate) fn dropped(config: &LossConfig, dropped: &Tensor<5>) -> Tensor<1> {
    let errors = dropped.clone().abs();
    match config.reduction {
        Reduction::Mean => errors.mean(),
        Reduction::Reference => errors.sum() / dropped.dims()[0] as f64,
    }
}

/// The divergence of the kept coefficients, summed over each clip, `[1]`.
///
/// A coefficient is a sum of latents with signs, so its mean is that of the means, and its variance
/// the sum of theirs times the squared tap, whatever the signs: the same for all 32 coefficients of
/// a cell of 8 frames and 2x2 positions.
fn kl_on_kept(posterior: &Posterior, kept: &Kept<'_>) -> Tensor<1> {
    let some =
        |x: &Tensor<5>, frames: Range<usize>| x.clone().narrow(TIME, frames.start, frames.len());
    let mean = multi_wt(some(&posterior.mean, kept.frames.clone()), kept.constants);
    let logvar = cell_logvar(some(&posterior.logvar, kept.frames.clone()), kept.constants);
    let [batch, channels, ..] = mean.dims();
    let flags: Vec<f32> = kept
        .mask
        .kept()
        .iter()
        .map(|&k| f32::from(u8::from(k)))
        .collect();
    let flags = TensorData::new(flags, [1, channels, 1, 1, 1]);
    let flags = Tensor::from_data(flags, &mean.device());
    let logvar = logvar.repeat_dim(1, channels / posterior.mean.dims()[1]);
    let terms = mean.square() + logvar.clone().exp() - 1.0 - logvar;
    let sum = (terms * flags).sum() * (0.5 / batch as f64);
    let all = posterior.mean.dims()[TIME];
    let apart = [0..kept.frames.start, kept.frames.end..all];
    let apart = apart.into_iter().filter(|frames| !frames.is_empty());
    apart.fold(sum, |sum, frames| {
        let part = |x: &Tensor<5>| some(x, frames.clone());
        let part = Posterior::new(part(&posterior.mean), part(&posterior.logvar));
        sum + part.kl().mean()
    })
}

/// Log-variance of the coefficients of each cell, `[B, C, T, H, W]` to `[B, C, T/8, H/2, W/2]`.
fn cell_logvar(logvar: Tensor<5>, constants: Constants) -> Tensor<5> {
    let [batch, channels, frames, height, width] = logvar.dims();
    let (t, h, w) = (frames / GROUP, height / 2, width / 2);
    let sums = logvar
        .exp()
        .reshape([batch, channels, t, GROUP, h, 2, w, 2])
        .sum_dims(&[3, 5, 7])
        .reshape([batch, channels, t, h, w]);
    let tap = f64::from(constants.three()) * f64::from(constants.one()).powi(2);
    (sums * tap.powi(2)).log()
}
