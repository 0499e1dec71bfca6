//! The first weights of a LeanVAE: the best linear autoencoder of the training windows.
//!
//! Between its patches and its projection to the latent a LeanVAE has only branches that are added
//! to what they were given. With those at zero it is linear, and the best linear autoencoder is
//! known without training: principal components of the patches. Training then begins where the
//! linear one ends, instead of spending most of a short run on finding it.

use std::collections::BTreeMap;

use analysis::symmetric_eigen;
use anyhow::{Context, Result, bail, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vae::{Autoencoder, WeightFormat, lean_patches};

use crate::config::Config;
use crate::data::{Batch, Dataset};

/// Standard deviation of the model's fresh linear layers. Source: spec/leanvae.md 9.
const DEVIATION: f32 = 0.02;
/// Patches to gather: many times the 672 numbers of the larger kind.
const PATCHES: usize = 40_000;
/// Logarithm of the posterior's variance: noise well below the spread of every channel. With
/// variance 1, noise would drown all of them until training has learnt to lower it.
const LOGVAR: f32 = -6.0;
const RGB: usize = 3;
/// Positions of a patch, and its frames of coefficients.
const POSITIONS: usize = 16;
const DEPTH: usize = 2;
/// Where, among the high bands of frames that do not change, the high bands of an image are: the
/// two transforms order rows and columns differently. Source: spec/leanvae.md 1.
const STATIC_HIGH: [usize; 3] = [1, 0, 2];

/// Tensors by name: shape and numbers.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Weights (safetensors) of a LeanVAE that starts as principal components of the windows.
///
/// # Errors
/// If the config's model is no LeanVAE, or clips cannot be read.
pub(crate) fn principal(config: &Config, dataset: &Dataset) -> Result<Vec<u8>> {
    let device = Device::flex();
    device.seed(config.seed);
    let fresh = Autoencoder::new(&config.model()?, &device);
    let mut tensors = read(&fresh.to_safetensors(WeightFormat::F32, &[])?)?;
    let Some((phi, _)) = tensors.get("latent_bottleneck.phi") else {
        bail!("start = \"principal\" is made for LeanVAE; leave it out for other models");
    };
    let channels = phi[0];
    let low = width(&tensors, "encoder.video_low_proj.1.weight")?;
    let high = width(&tensors, "encoder.video_high_proj.1.weight")?;

    let linear = Linear::fit(Statistics::gather(dataset)?, low, high, channels)?;
    prepare_branches(&mut tensors);
    for (name, tensor) in linear.tensors() {
        let (_, values) = tensors
            .get_mut(name)
            .with_context(|| format!("the model has no {name}"))?;
        let found = numbers(tensor)?;
        ensure!(values.len() == found.len(), "{name} has another size");
        *values = found.into_iter().map(|value| value as f32).collect();
    }
    write(&tensors)
}

fn width(tensors: &Tensors, name: &str) -> Result<usize> {
    let (shape, _) = tensors
        .get(name)
        .with_context(|| format!("the model has no {name}"))?;
    Ok(shape[0])
}

/// Mean and covariance of patches: the low band's numbers, then those of the others.
struct Statistics {
    /// Numbers of the low band.
    low: usize,
    /// Of the low band, `[1, low]`; that of the others is taken for zero, which it is up to chance.
    mean: Tensor<2>,
    /// `[N, N]`
    covariance: Tensor<2>,
}

impl Statistics {
    fn gather(dataset: &Dataset) -> Result<Self> {
        let (mut count, mut low) = (0, 0);
        let mut sums: Option<[Tensor<2>; 2]> = None;
        for step in 0.. {
            let Batch { samples, shape } = dataset.batch(step)?;
            let clip = Tensor::<5>::from_data(TensorData::new(samples, shape), &Device::flex());
            let [lows, highs] =
                lean_patches(clip).context("data.frames is too small for start = \"principal\"")?;
            low = lows.dims()[1];
            let patches = Tensor::cat(vec![lows, highs], 1);
            count += patches.dims()[0];
            let products = patches.clone().transpose().matmul(patches.clone());
            let sum = patches.sum_dim(0);
            sums = Some(match sums {
                Some([s, p]) => [s + sum, p + products],
                None => [sum, products],
            });
            if count >= PATCHES {
                break;
            }
        }
        let [sum, products] = sums.context("there are no windows")?;
        let mean = sum.slice([0..1, 0..low]) / count as f64;
        let rest = products.dims()[0] - low;
        let shift = Tensor::cat(
            vec![mean.clone(), Tensor::zeros([1, rest], &Device::flex())],
            1,
        );
        Ok(Self {
            low,
            mean,
            covariance: products / count as f64 - shift.clone().transpose().matmul(shift),
        })
    }
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
        let (covariance, split) = (statistics.covariance, statistics.low);
        let whole = covariance.dims()[0];
        let block =
            |range: std::ops::Range<usize>| covariance.clone().slice([range.clone(), range]);
        let lows = leading(block(0..split), low)?;
        let highs = leading(block(split..whole), high)?;
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
        Ok(Self {
            low: lows,
            high: highs,
            latent: leading(tokens, channels)?,
            scale: (variances / (low + high) as f64).sqrt(),
            mean: statistics.mean,
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

/// The eigenvectors of the largest eigenvalues, as columns.
fn leading(matrix: Tensor<2>, count: usize) -> Result<Tensor<2>> {
    let size = matrix.dims()[0];
    let eigen = symmetric_eigen(&numbers(matrix)?, size);
    let rows = eigen.iter().take(count).flat_map(|eigen| &eigen.vector);
    let rows: Vec<f32> = rows.map(|value| *value as f32).collect();
    Ok(Tensor::<2>::from_data(TensorData::new(rows, [count, size]), &Device::flex()).transpose())
}

fn numbers(tensor: Tensor<2>) -> Result<Vec<f64>> {
    let data = tensor.into_data().convert::<f64>();
    let values = data.try_into_vec();
    values.map_err(|error| anyhow::anyhow!("the device returned no numbers: {error:?}"))
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
fn prepare_branches(tensors: &mut Tensors) {
    let last = tensors
        .keys()
        .filter_map(|name| bottleneck_layer(name))
        .max();
    for (name, (shape, values)) in tensors {
        if name.contains(".ffd_layer.") && shape.len() == 2 {
            let factor = 1.0 / (DEVIATION * (shape[1] as f32).sqrt());
            values.iter_mut().for_each(|value| *value *= factor);
        }
        let ends = name.contains(".ffd_layer.") && name.ends_with(".4.weight");
        let added = if name.starts_with("latent_bottleneck.") {
            ends && last.is_some() && bottleneck_layer(name) == last
        } else {
            ends || name.contains(".ds_conv.")
        };
        if added {
            values.fill(0.0);
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

fn read(bytes: &[u8]) -> Result<Tensors> {
    let file = SafeTensors::deserialize(bytes)?;
    let tensors = file.iter().map(|(name, view)| {
        let (values, _) = view.data().as_chunks::<4>();
        let values = values.iter().map(|v| f32::from_le_bytes(*v)).collect();
        (name.to_owned(), (view.shape().to_vec(), values))
    });
    Ok(tensors.collect())
}

fn write(tensors: &Tensors) -> Result<Vec<u8>> {
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, (shape, values))| {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, shape, data)| {
            Ok((*name, TensorView::new(Dtype::F32, (*shape).clone(), data)?))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{tensor, values};
    use clips::Scene;

    fn config() -> Config {
        let mut config = Config::preset("lean-c4").unwrap();
        config.data.size = 32;
        config
    }

    fn started() -> Autoencoder {
        let config = config();
        let dataset = Dataset::open(&config, std::path::Path::new("")).unwrap();
        let weights = principal(&config, &dataset).unwrap();
        Autoencoder::load(&config.model().unwrap(), &weights, &Device::flex()).unwrap()
    }

    fn mean_square(a: &[f32], b: &[f32]) -> f32 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>() / a.len() as f32
    }

    #[test]
    fn an_untrained_model_reconstructs() {
        let model = started();
        let clip = Scene::all()[0].render_varied(3, 32, 32, 33);
        let video = tensor(&clip, &Device::flex());
        let sample = model
            .decode(model.encode(video.clone()).posterior.mode())
            .sample;
        let (video, sample) = (values(video).unwrap(), values(sample).unwrap());
        let mean = video.iter().sum::<f32>() / video.len() as f32;
        let variance = mean_square(&video, &vec![mean; video.len()]);
        // The first frame has its own projections and is the hardest: it is checked apart.
        let frame = 32 * 32;
        let first = |v: &[f32]| {
            v.chunks(33 * frame)
                .flat_map(|c| c[..frame].to_vec())
                .collect::<Vec<_>>()
        };
        let (error, early) = (
            mean_square(&video, &sample),
            mean_square(&first(&video), &first(&sample)),
        );
        assert!(error < 0.3 * variance, "{error} of {variance}");
        assert!(early < 0.5 * variance, "{early} of {variance}");
    }

    #[test]
    fn other_backbones_are_refused() {
        let config = Config::preset("tiny").unwrap();
        let dataset = Dataset::open(&config, std::path::Path::new("")).unwrap();
        let error = principal(&config, &dataset).unwrap_err().to_string();
        assert!(error.contains("LeanVAE"), "{error}");
    }
}
