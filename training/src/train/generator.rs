//! The autoencoder's forward pass and gradients. Source: spec/wfvae.md 9, spec/lcvae.md 9.

use anyhow::{Context, Result};
use burn::optim::GradientsParams;
use burn::tensor::{Device, FloatDType, Tensor, TensorData};
use dataset::Batch;
use vae::{Autoencoder, Encoding, LastLayer, Posterior, Wavelets};

use super::adversary::Critic;
use super::compression::Compression;
use super::metrics::DeviceMetrics;
use super::rng_streams::RngStreams;
use crate::config::{AdversarialConfig, KlOn, LossConfig};
use crate::losses::{Kept, Loss, Pair, PerceptualLoss, dropped, latent, reconstruction};

/// A batch and what became of it.
pub(super) struct Reconstructed {
    pub(super) pair: Pair,
    encoding: Encoding,
    /// What compression took from the sampled latent, `[B, C, T', H', W']`.
    dropped: Tensor<5>,
    wavelets: Option<Wavelets>,
    last: Option<LastLayer>,
}

/// A batch on a device, `[B, 3, T, H, W]`.
pub(super) fn on_device(batch: Batch, device: &Device) -> Tensor<5> {
    Tensor::from_data(TensorData::new(batch.samples, batch.shape), device)
}

/// Encodes, samples with the given noise, compresses, decodes. The two halves compute in `dtype`,
/// which is the weights'; everything that is given back is f32.
pub(super) fn reconstruct(
    model: &Autoencoder,
    dtype: FloatDType,
    compression: &mut Compression,
    clip: Tensor<5>,
    noise: impl FnOnce([usize; 5]) -> Tensor<5>,
) -> Result<Reconstructed> {
    let raised = |x: Tensor<5>| x.cast(FloatDType::F32);
    let encoding = model.encode(clip.clone().cast(dtype));
    let encoding = Encoding {
        posterior: Posterior {
            mean: raised(encoding.posterior.mean),
            logvar: raised(encoding.posterior.logvar),
        },
        wavelets: encoding.wavelets.map(|own| own.map(raised)),
    };
    let noise = noise(encoding.posterior.mean.dims());
    let sampled = encoding.posterior.sample(noise);
    let latent = compression.apply(model, sampled.clone())?;
    let dropped = sampled - latent.clone();
    let (decoding, last) = model.decode_with_last_layer(latent.cast(dtype));
    Ok(Reconstructed {
        pair: Pair {
            clip,
            sample: raised(decoding.sample),
        },
        encoding,
        dropped,
        wavelets: decoding.wavelets.map(|own| own.map(raised)),
        last,
    })
}

/// What the autoencoder minimises.
pub(super) struct Objective<'a> {
    pub(super) loss: &'a LossConfig,
    pub(super) perceptual: Option<&'a PerceptualLoss>,
    /// The adversarial term, once there is a discriminator.
    pub(super) adversarial: Option<&'a AdversarialConfig>,
}

impl Objective<'_> {
    /// Gradients of the whole loss; `critic` is given if there is an adversarial term.
    pub(super) fn gradients(
        &self,
        model: &Autoencoder,
        made: &Reconstructed,
        compression: &Compression,
        critic: Option<&mut Critic>,
        rng: RngStreams,
        metrics: &mut DeviceMetrics,
    ) -> Result<GradientsParams> {
        let kept = compression
            .fixed()
            .filter(|_| self.loss.kl_on == KlOn::Kept);
        let kept = kept.map(|mask| Kept {
            mask,
            constants: model.config().constants(),
            frames: model
                .config()
                .compressed_frames(made.encoding.posterior.mean.dims()[2]),
        });
        let wavelets = made.wavelets.as_ref();
        let mut latent = latent(self.loss, &made.encoding, wavelets, kept.as_ref());
        if self.loss.dropped > 0.0 {
            latent.add(
                "dropped",
                dropped(self.loss, &made.dropped),
                self.loss.dropped,
            );
        }
        metrics.extend(latent.terms);
        let total = match (critic, self.adversarial) {
            (Some(critic), Some(config)) if config.adaptive => {
                self.adaptive_total(made, latent.total, critic, rng, metrics)?
            }
            (Some(critic), Some(config)) => {
                let pull = critic.pull(made.pair.sample.clone(), rng);
                let total = self.reconstruction(&made.pair, rng, metrics) + latent.total;
                let total = total + pull.clone() * config.weight;
                metrics.add("adversarial", pull);
                metrics.add("loss", total.clone());
                total
            }
            _ => {
                let total = self.reconstruction(&made.pair, rng, metrics) + latent.total;
                metrics.add("loss", total.clone());
                total
            }
        };
        Ok(GradientsParams::from_grads(total.backward(), model))
    }

    fn reconstruction(
        &self,
        pair: &Pair,
        rng: RngStreams,
        metrics: &mut DeviceMetrics,
    ) -> Tensor<1> {
        let window = rng.window();
        let Loss { total, terms } = reconstruction(self.loss, self.perceptual, pair, window);
        metrics.extend(terms);
        total
    }

    /// A number with the gradients of the whole loss, where the adversarial term weighs as much as
    /// its pull at the last layer beside the reconstruction's says.
    ///
    /// A graph is differentiated once, so the sample becomes a leaf: both losses are taken to it,
    /// from there through the last layer alone, and then once, weighted, through everything.
    fn adaptive_total(
        &self,
        made: &Reconstructed,
        latent: Tensor<1>,
        critic: &mut Critic,
        rng: RngStreams,
        metrics: &mut DeviceMetrics,
    ) -> Result<Tensor<1>> {
        let leaf = || made.pair.sample.clone().inner().autodiff().require_grad();
        let sample = leaf();
        let pair = Pair {
            clip: made.pair.clip.clone(),
            sample: sample.clone(),
        };
        let near = self.reconstruction(&pair, rng, metrics);
        let near_gradient = gradient(&sample, &near)?;
        let sample = leaf();
        let pull = critic.pull(sample.clone(), rng);
        let pull_gradient = gradient(&sample, &pull)?;

        let weight = critic.weight(&near_gradient, &pull_gradient, made.last.as_ref())?;
        metrics.add("adaptive_weight", weight.clone());
        metrics.add("adversarial", pull.clone());
        let loss = near.inner() + latent.clone().inner() + weight.clone() * pull.inner();
        metrics.add("loss", loss);
        let gradient = near_gradient + pull_gradient * weight.reshape([1; 5]);
        Ok((made.pair.sample.clone() * gradient).sum() + latent)
    }
}

fn gradient(sample: &Tensor<5>, loss: &Tensor<1>) -> Result<Tensor<5>> {
    let mut gradients = loss.backward();
    sample
        .grad_remove(&mut gradients)
        .context("the loss does not depend on the reconstruction")
}
