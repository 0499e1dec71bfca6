//! How far a sample is from its clip. Source: spec/wfvae.md 9, spec/leanvae.md 9.

use burn::tensor::Tensor;
use wavelet::{Constants, haar2d, haar3d_pairs};

use super::seams::seams;
use super::similarity::dissimilarity;
use super::{Loss, Pair, PerceptualLoss};
use crate::config::{BandsConfig, LossConfig, Reduction};

const TIME: usize = 2;
const RGB: usize = 3;
/// The 2-D transform's own tap, undone as the 3-D one's is: coefficients are sums of pixels.
const TAP_2D: f64 = 0.5;

/// All terms that depend on the sample alone.
///
/// `l1` and `l2` are means over numbers or, with the references' reduction, sums per frame. The
/// `seams`, the `dissimilarity` (1 - SSIM) and the `perceptual` distance are means, which the
/// references' reduction counts for every number of a frame. `bands` are means with either. `draw`
/// says which frames are compared where the perceptual loss takes a window.
pub(crate) fn reconstruction(
    config: &LossConfig,
    perceptual: Option<&PerceptualLoss>,
    pair: &Pair,
    draw: u64,
) -> Loss {
    let [batch, _, frames, height, width] = pair.clip.dims();
    let numbers = match config.reduction {
        Reduction::Mean => 1.0,
        Reduction::Reference => (RGB * height * width) as f64,
    };
    let reduce = |errors: Tensor<5>| match config.reduction {
        Reduction::Mean => errors.mean(),
        Reduction::Reference => errors.sum() / (batch * frames) as f64,
    };
    let difference = pair.sample.clone() - pair.clip.clone();
    let l1 = reduce(difference.clone().abs());
    let mut total = l1.clone() * config.l1;
    let mut terms = vec![("l1", l1)];
    if config.l2 > 0.0 {
        let l2 = reduce(difference.clone().square());
        total = total + l2.clone() * config.l2;
        terms.push(("l2", l2));
    }
    if config.seams > 0.0 {
        let jumps = seams(&difference);
        total = total + jumps.clone() * (config.seams * numbers);
        terms.push(("seams", jumps));
    }
    if config.ssim > 0.0 {
        let apart = dissimilarity(pair);
        total = total + apart.clone() * (config.ssim * numbers);
        terms.push(("dissimilarity", apart));
    }
    if let Some(perceptual) = perceptual {
        let distance = perceptual.between(pair, draw);
        total = total + distance.clone() * (perceptual.weight() * numbers);
        terms.push(("perceptual", distance));
    }
    if let Some(weights) = &config.bands {
        let [low, high] = bands(difference);
        total = total + weigh(weights, &low, &high);
        terms.extend([("low_bands", low), ("high_bands", high)]);
    }
    if config.logvar != 0.0 {
        total = total * (-config.logvar).exp() + config.logvar * numbers;
    }
    Loss { total, terms }
}

fn weigh(weights: &BandsConfig, low: &Tensor<1>, high: &Tensor<1>) -> Tensor<1> {
    low.clone() * weights.low + high.clone() * weights.high
}

/// Mean absolute low and high Haar coefficients of a difference of clips. Of an odd number of
/// frames the first is transformed by itself, and its mean counts as much as that of the others.
fn bands(difference: Tensor<5>) -> [Tensor<1>; 2] {
    let frames = difference.dims()[TIME];
    let apart = frames % 2;
    let mut parts = Vec::new();
    if apart == 1 {
        parts.push(haar2d(difference.clone().narrow(TIME, 0, 1)) / TAP_2D);
    }
    if frames > 1 {
        let rest = difference.narrow(TIME, apart, frames - apart);
        let tap = f64::from(Constants::Exact.three());
        parts.push(haar3d_pairs(rest, Constants::Exact) / tap);
    }
    let sum = |start: usize, count: fn(usize) -> usize| {
        let means = parts.iter().map(|part| {
            let channels = count(part.dims()[1]);
            part.clone().narrow(1, start, channels).abs().mean()
        });
        means.reduce(|a, b| a + b)
    };
    let zero = || Tensor::zeros([1], &parts[0].device());
    let low = sum(0, |_| RGB).unwrap_or_else(zero);
    let high = sum(RGB, |channels| channels - RGB).unwrap_or_else(zero);
    [low, high]
}
