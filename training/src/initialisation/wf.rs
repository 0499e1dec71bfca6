//! A WF-VAE or LC-VAE as principal components of its coarsest wavelet coefficients.
//!
//! The encoder adds the third wavelet level to its features, the decoder reads the third level off
//! them: with the branches at zero both are linear, but for the normalisation and the activation in
//! front of the latent. Two large constants beside the features keep the normalisation's divisor
//! constant, and since `silu(x) - silu(-x) = x`, every number goes through the activation twice,
//! once negated. Finer levels start at zero and are left to training.

use anyhow::{Result, ensure};
use burn::tensor::Tensor;
use dataset::Dataset;
use wavelet::{Constants, haar2d, haar3d_pairs};

use super::statistics::{LOGVAR, Statistics, leading, numbers};
use super::weights::{Weight, Weights};

const RGB: usize = 3;
/// Standard deviation of the weakest latent channel.
const WEAKEST: f64 = 1.0;
/// Standard deviation of that channel's feature in the encoder: large beside what a step of the
/// optimiser changes.
const FEATURE: f32 = 0.3;
/// The constant, one channel positive and one negative: large beside the features.
const CONSTANT: f32 = 50.0;
/// Standard deviation of that channel's feature in the decoder.
const DECODED: f32 = 1.0;

/// Sets the linear path and silences the branches beside it.
pub(super) fn start(weights: &mut Weights, dataset: &Dataset) -> Result<()> {
    let channels = weights.get("decoder.conv_in.conv.weight")?.shape[1];
    let flow = weights.get("encoder.connect_l2.weight")?.shape[0];
    let outflow = weights.get("decoder.connect_l2.0.norm1.norm.weight")?.shape[0];
    let top = weights.get("encoder.norm_out.norm.weight")?.shape[0];
    ensure!(
        channels <= flow.min(outflow) && 2 * channels + 2 <= top,
        "start = \"principal\" needs energy flows as wide as the latent and four times as many \
         base channels; leave it out or widen the model"
    );
    let statistics = Statistics::gather(dataset, |clips| Ok(coarsest(clips)))?;
    silence_branches(weights);
    Linear::fit(statistics, channels)?.set(weights, top)
}

/// The third level's coefficients, a row for every latent position.
fn coarsest(clips: Tensor<5>) -> Tensor<2> {
    let low = |x: Tensor<5>| x.narrow(1, 0, RGB);
    let level1 = haar3d_pairs(clips, Constants::Exact);
    let level2 = haar2d(low(level1));
    let level3 = haar3d_pairs(low(level2), Constants::Exact).permute([0, 2, 3, 4, 1]);
    let [batch, frames, height, width, bands] = level3.dims();
    level3.reshape([batch * frames * height * width, bands])
}

/// The linear autoencoder of the coefficients.
struct Linear {
    /// Row k makes latent channel k, `[C][24]`.
    encode: Vec<Vec<f32>>,
    /// Row k is what latent channel k adds, `[C][24]`.
    decode: Vec<Vec<f32>>,
    mean: Vec<f32>,
}

impl Linear {
    fn fit(statistics: Statistics, channels: usize) -> Result<Self> {
        let (vectors, variances) = leading(statistics.covariance, channels)?;
        let weakest = variances.last().copied().unwrap_or_default().max(1e-12);
        let scale = weakest.sqrt() / WEAKEST;
        let rows = |factor: f64| -> Result<Vec<Vec<f32>>> {
            let values = numbers(vectors.clone().transpose())?;
            let bands = values.len() / channels;
            let row = |row: &[f64]| row.iter().map(|value| (value * factor) as f32).collect();
            Ok(values.chunks_exact(bands).map(row).collect())
        };
        Ok(Self {
            encode: rows(1.0 / scale)?,
            decode: rows(scale)?,
            mean: numbers(statistics.mean)?
                .into_iter()
                .map(|v| v as f32)
                .collect(),
        })
    }

    fn set(&self, weights: &mut Weights, top: usize) -> Result<()> {
        self.set_encoder(weights, top)?;
        self.set_decoder(weights, top)
    }

    fn set_encoder(&self, weights: &mut Weights, top: usize) -> Result<()> {
        let channels = self.encode.len();
        let inflow = weights.get("encoder.connect_l2.weight")?;
        let flow = inflow.shape[0];
        for (channel, row) in self.encode.iter().enumerate() {
            inflow.silence(channel);
            for (band, value) in row.iter().enumerate() {
                inflow.set(channel, band, value * FEATURE);
            }
        }
        let shift = |row: &Vec<f32>| -dot(row, &self.mean) * FEATURE;
        let bias = weights.get("encoder.connect_l2.bias")?;
        for (value, row) in bias.values.iter_mut().zip(&self.encode) {
            *value = shift(row);
        }

        // Every number twice, once negated, then the constants; all else starts at zero.
        let shortcut = weights.get("encoder.mid.0.nin_shortcut.conv.weight")?;
        let first = shortcut.shape[1] - flow;
        shortcut.values.fill(0.0);
        for channel in 0..channels {
            shortcut.set(2 * channel, first + channel, 1.0);
            shortcut.set(2 * channel + 1, first + channel, -1.0);
        }
        let bias = weights.get("encoder.mid.0.nin_shortcut.conv.bias")?;
        bias.values.fill(0.0);
        (bias.values[2 * channels], bias.values[2 * channels + 1]) = (CONSTANT, -CONSTANT);

        // What the normalisation divides by: the constants' deviation over all channels.
        let divisor = CONSTANT * (2.0 / top as f32).sqrt();
        let norm = weights.get("encoder.norm_out.norm.weight")?;
        norm.values[..2 * channels].fill(divisor / FEATURE);
        self.set_moments(weights)
    }

    /// The mean from pairs of numbers; the log-variance a constant.
    fn set_moments(&self, weights: &mut Weights) -> Result<()> {
        let channels = self.encode.len();
        let out = weights.get("encoder.conv_out.conv.weight")?;
        for channel in 0..channels {
            silence_inputs(out, channel, 2 * channels + 2);
            out.set(channel, 2 * channel, 1.0);
            out.set(channel, 2 * channel + 1, -1.0);
            out.silence(channels + channel);
        }
        let bias = weights.get("encoder.conv_out.conv.bias")?;
        bias.values[..channels].fill(0.0);
        bias.values[channels..].fill(LOGVAR);
        Ok(())
    }

    fn set_decoder(&self, weights: &mut Weights, top: usize) -> Result<()> {
        let channels = self.decode.len();
        let enter = weights.get("decoder.conv_in.conv.weight")?;
        for channel in 0..channels {
            enter.silence(channel);
            enter.set(channel, channel, DECODED);
        }
        weights.get("decoder.conv_in.conv.bias")?.values[..channels].fill(0.0);

        // The last block of the middle widens by the outflow; its branch is zero.
        let last = ["decoder.mid.2", "decoder.mid.1"]
            .into_iter()
            .find(|block| weights.has(&format!("{block}.nin_shortcut.conv.weight")))
            .unwrap_or("decoder.mid.2");
        let shortcut = weights.get(&format!("{last}.nin_shortcut.conv.weight"))?;
        for channel in 0..top {
            shortcut.silence(channel);
            shortcut.set(channel, channel, 1.0);
        }
        for channel in 0..channels {
            shortcut.silence(top + channel);
            shortcut.set(top + channel, channel, 1.0);
        }
        let bias = weights.get(&format!("{last}.nin_shortcut.conv.bias"))?;
        bias.values[..top + channels].fill(0.0);

        let (out, bias) = last_layer(weights, "decoder.connect_l2")?;
        weights.zero(&out)?;
        let weight = weights.get(&out)?;
        for (channel, row) in self.decode.iter().enumerate() {
            for (band, value) in row.iter().enumerate() {
                weight.set(band, channel, value / DECODED);
            }
        }
        weights.set(&bias, self.mean.clone())?;
        // Finer levels.
        let (out, bias) = last_layer(weights, "decoder.connect_l1")?;
        for name in [
            &out,
            &bias,
            "decoder.conv_out.weight",
            "decoder.conv_out.bias",
        ] {
            weights.zero(name)?;
        }
        Ok(())
    }
}

/// Weight and bias of the convolution that ends a stack of blocks.
fn last_layer(weights: &mut Weights, stack: &str) -> Result<(String, String)> {
    let last = (0..).take_while(|layer| weights.has(&format!("{stack}.{layer}.norm1.norm.weight")));
    let layer = last.count();
    Ok((
        format!("{stack}.{layer}.weight"),
        format!("{stack}.{layer}.bias"),
    ))
}

/// Residual branches and attention give zero until their last layer moves.
fn silence_branches(weights: &mut Weights) {
    for (name, weight) in weights.iter_mut() {
        if name.contains(".conv2.") || name.contains(".proj_out.") {
            weight.values.fill(0.0);
        }
    }
}

/// Zeroes what leads from the first `inputs` channels to an output.
fn silence_inputs(weight: &mut Weight, output: usize, inputs: usize) {
    let kernel: usize = weight.shape[2..].iter().product();
    let start = output * weight.shape[1] * kernel;
    weight.values[start..start + inputs * kernel].fill(0.0);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
