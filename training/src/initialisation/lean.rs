//! A LeanVAE as principal components of its patches.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor};
use dataset::Dataset;
use vae::lean_patches;

use super::statistics::{LOGVAR, Statistics, leading, numbers};
use super::weights::Weights;

/// Standard deviation of the model's fresh linear layers. Source: spec/leanvae.md 9.
const DEVIATION: f32 = 0.02;
/// Numbers in a patch of the low band.
const LOW: usize = 96;
const RGB: usize = 3;
/// Positions of a patch, and its frames of coefficients.
const POSITIONS: usize = 16;
const DEPTH: usize = 2;
/// Where, among the high bands of frames that do not change, the high bands of an image are: the
/// two transforms order rows and columns differently. Source: spec/leanvae.md 1.
const STATIC_HIGH: [usize; 3] = [1, 0, 2];

/// Sets the linear path and silences the branches beside it.
pub(super) fn start(weights: &mut Weights, dataset: &Dataset) -> Result<()> {
    let low = weights.get("encoder.video_low_proj.1.weight")?.shape[0];
    let high = weights.get("encoder.video_high_proj.1.weight")?.shape[0];
    let channels = weights.get("latent_bottleneck.phi")?.shape[0];
    let statistics = Statistics::gather(dataset, |clips| {
        let patches =
            lean_patches(clips).context("data.frames is too small for start = \"principal\"")?;
        Ok(Tensor::cat(patches.into(), 1))
    })?;
    let linear = Linear::fit(statistics, low, high, channels)?;
    prepare_branches(weights);
    for (name, tensor) in linear.tensors() {
        let values = numbers(tensor)?.into_iter().map(|value| value as f32);
        weights.set(name, values.collect())?;
    }
    Ok(())
}

/// The linear autoencoder.
struct Linear {
    /// Patches of the low band to tokens, `[96, l]`, orthonormal columns.
    low: Tensor<2>,
    /// Patches of the other bands to tokens, `[672, h]`.
    high: Tensor<2>,
    /// Tokens to the latent, `[D, C]`.
    latent: Tensor<2>,
    /// What tokens are divided by, so that they have variance 1 on average.
    scale: f64,
    /// Mean of the low band's patches, `[1, 96]`.
    mean: Tensor<2>,
}

impl Linear {
    fn fit(statistics: Statistics, low: usize, high: usize, channels: usize) -> Result<Self> {
        let (covariance, split) = (statistics.covariance, LOW);
        let whole = covariance.dims()[0];
        let block =
            |range: std::ops::Range<usize>| covariance.clone().slice([range.clone(), range]);
        let (lows, _) = leading(block(0..split), low)?;
        let (highs, _) = leading(block(split..whole), high)?;
        let zeros = |rows, columns| Tensor::zeros([rows, columns], &Device::flex());
        let both = Tensor::cat(
            vec![
                Tensor::cat(vec![lows.clone(), zeros(split, high)], 1),
                Tensor::cat(vec![zeros(whole - split, low), highs.clone()], 1),
            ],
            0,
        );
        let tokens = both.clone().transpose().matmul(covariance).matmul(both);
        let variances: f64 = (0..low + high)
            .zip(numbers(tokens.clone())?.chunks_exact(low + high))
            .map(|(i, row)| row[i])
            .sum();
        ensure!(
            variances > 0.0,
            "the training windows are all the same; leave out start = \"principal\""
        );
        Ok(Self {
            low: lows,
            high: highs,
            latent: leading(tokens, channels)?.0,
            scale: (variances / (low + high) as f64).sqrt(),
            // That of the other bands is zero up to chance.
            mean: statistics.mean.slice([0..1, 0..LOW]),
        })
    }

    /// The tensors on the linear path.
    fn tensors(self) -> Vec<(&'static str, Tensor<2>)> {
        let Self {
            low,
            high,
            latent,
            scale,
            mean,
        } = self;
        let encode = |basis: &Tensor<2>| basis.clone().transpose() / scale;
        let decode = |basis: &Tensor<2>| basis.clone() * scale;
        let (image_low, image_high) = (&[0][..], &STATIC_HIGH[..]);
        let shift = mean.clone().matmul(encode(&low).transpose()).neg();
        let channels = latent.dims()[1];
        let std_weight = Tensor::zeros(latent.dims(), &Device::flex());
        let std_bias = Tensor::full([1, channels], LOGVAR, &Device::flex());
        vec![
            ("encoder.video_low_proj.1.weight", encode(&low)),
            ("encoder.video_low_proj.1.bias", shift.clone()),
            ("encoder.video_high_proj.1.weight", encode(&high)),
            (
                "encoder.image_low_proj.1.weight",
                of_image(encode(&low), image_low) * 2.0,
            ),
            ("encoder.image_low_proj.1.bias", shift),
            (
                "encoder.image_high_proj.1.weight",
                of_image(encode(&high), image_high) * 2.0,
            ),
            ("decoder.video_low_proj.0.weight", decode(&low)),
            ("decoder.video_low_proj.0.bias", mean.clone()),
            ("decoder.video_high_proj.0.weight", decode(&high)),
            (
                "decoder.image_low_proj.0.weight",
                image_of(decode(&low), image_low),
            ),
            (
                "decoder.image_low_proj.0.bias",
                image_of(mean.transpose(), image_low),
            ),
            (
                "decoder.image_high_proj.0.weight",
                image_of(decode(&high), image_high),
            ),
            ("latent_bottleneck.phi", latent.clone().transpose()),
            ("latent_bottleneck.Q", latent),
            ("std_layer.weight", std_weight),
            ("std_layer.bias", std_bias),
        ]
    }
}

/// Sums over a patch's frames of the columns that belong to `bands`.
///
/// Times 2, these are weights for the coefficients of an image that give the token of a clip which
/// shows only that image: its coefficients are twice the image's.
fn of_image(weights: Tensor<2>, bands: &[usize]) -> Tensor<2> {
    let [rows, columns] = weights.dims();
    let all = columns / (RGB * DEPTH * POSITIONS);
    let summed = weights
        .reshape([rows, all, RGB, DEPTH, POSITIONS])
        .sum_dim(3);
    let picked = bands.iter().map(|band| summed.clone().narrow(1, *band, 1));
    Tensor::cat(picked.collect(), 1).reshape([rows, bands.len() * RGB * POSITIONS])
}

/// The way back, for weights whose rows are coefficients: half the mean over frames.
fn image_of(weights: Tensor<2>, bands: &[usize]) -> Tensor<2> {
    of_image(weights.transpose(), bands).transpose() / (2 * DEPTH) as f64
}

/// Makes every branch give zero at the start, and its layers as lively as their width asks for.
///
/// Only the last layer of a branch is zeroed, so that the others have a gradient as soon as that
/// one has moved. The reference's deviation of 0.02 suits its width; narrower layers shrink what
/// passes through them, and learn more slowly (training/TRIALS.md).
fn prepare_branches(weights: &mut Weights) {
    let layers = weights.iter_mut();
    let last = layers.filter_map(|(name, _)| bottleneck_layer(name)).max();
    for (name, weight) in weights.iter_mut() {
        if name.contains(".ffd_layer.") && weight.shape.len() == 2 {
            let factor = 1.0 / (DEVIATION * (weight.shape[1] as f32).sqrt());
            weight.values.iter_mut().for_each(|value| *value *= factor);
        }
        let ends = name.contains(".ffd_layer.") && name.ends_with(".4.weight");
        let added = if name.starts_with("latent_bottleneck.") {
            ends && last.is_some() && bottleneck_layer(name) == last
        } else {
            ends || name.contains(".ds_conv.")
        };
        if added {
            weight.values.fill(0.0);
        }
    }
}

/// The number of a layer in the bottleneck's stacks, which run one layer after another: only the
/// last one's output is added to something.
fn bottleneck_layer(name: &str) -> Option<usize> {
    let (stack, layer) = name.split_once(".ffd_layer.")?;
    stack.contains("backward_l").then_some(())?;
    layer.split('.').next()?.parse().ok()
}
