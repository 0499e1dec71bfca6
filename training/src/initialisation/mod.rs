//! First weights that make a model the best linear autoencoder which its layers can express.
//!
//! Between a backbone's fixed transforms and its latent there are, beside projections, only
//! branches that are added to what they were given. With those at zero the whole is linear, and
//! the best linear autoencoder is known without training: principal components. Training then
//! begins where the linear one ends, instead of spending a short run on finding it. What that is
//! worth is measured in training/TRIALS.md.

mod lean;
mod statistics;
mod weights;
mod wf;

use anyhow::{Result, bail};
use burn::tensor::Device;
use dataset::Dataset;
use vae::{Autoencoder, WeightFormat};

use crate::config::Config;
use weights::Weights;

/// Weights (safetensors) of a model that starts as principal components of the training windows.
///
/// # Errors
/// If the config's model is no LeanVAE, WF-VAE or LC-VAE with layer normalisation, or clips cannot
/// be read.
pub(crate) fn principal(config: &Config, dataset: &Dataset) -> Result<Vec<u8>> {
    let device = Device::flex();
    device.seed(config.seed);
    let fresh = Autoencoder::new(&config.model()?, &device);
    let mut weights = Weights::read(&fresh.to_safetensors(WeightFormat::F32, &[])?)?;
    if weights.has("latent_bottleneck.phi") {
        lean::start(&mut weights, dataset)?;
    } else if weights.has("decoder.connect_l2.0.norm1.norm.weight") {
        wf::start(&mut weights, dataset)?;
    } else {
        bail!(
            "start = \"principal\" is made for LeanVAE, and for WF-VAE and LC-VAE with layer \
             normalisation; leave it out for other models"
        );
    }
    weights.write()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clips::Scene;
    use dataset::UNWATCHED;

    use super::*;
    use codec::{tensor, values};

    const SIDE: usize = 32;

    fn started(preset: &str) -> (Autoencoder, usize) {
        let mut config = Config::preset(preset).unwrap();
        config.data.size = SIDE;
        let dataset = config.dataset(Path::new(""), UNWATCHED).unwrap();
        let weights = principal(&config, &dataset).unwrap();
        let model = config.model().unwrap();
        let model = Autoencoder::load(&model, &weights, &Device::flex()).unwrap();
        (model, config.data.frames)
    }

    fn mean_square(a: &[f32], b: &[f32]) -> f32 {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>() / a.len() as f32
    }

    /// Mean squared errors, as shares of the clip's variance: of all frames, and of the first.
    fn errors(preset: &str) -> [f32; 2] {
        let (model, frames) = started(preset);
        let clip = Scene::all()[0].render_varied(3, SIDE, SIDE, frames);
        let video = tensor(&clip, &Device::flex());
        let sample = model
            .decode(model.encode(video.clone()).posterior.mode())
            .sample;
        let (video, sample) = (values(video).unwrap(), values(sample).unwrap());
        let mean = video.iter().sum::<f32>() / video.len() as f32;
        let variance = mean_square(&video, &vec![mean; video.len()]);
        let first = |values: &[f32]| {
            let colours = values.chunks(frames * SIDE * SIDE);
            colours
                .flat_map(|colour| colour[..SIDE * SIDE].to_vec())
                .collect::<Vec<_>>()
        };
        [
            mean_square(&video, &sample) / variance,
            mean_square(&first(&video), &first(&sample)) / variance,
        ]
    }

    #[test]
    fn an_untrained_lean_vae_reconstructs() {
        let [all, first] = errors("lean-c4");
        assert!(all < 0.3 && first < 0.5, "{all} {first}");
    }

    #[test]
    fn an_untrained_lc_vae_reconstructs() {
        let [all, _] = errors("wf16-c8");
        assert!(all < 0.3, "{all}");
    }
}
