//! A step's losses and gradients, found on one device or on several, before anything is changed.
//!
//! Several devices share the batches of a step: each works through its own with a copy of the
//! weights, and the gradients are summed on the first. What is learnt does not depend on how many
//! there are, but for the running statistics of a discriminator and of adaptive Top-k, which are
//! the first device's, as in PyTorch's data-parallel training.

use std::thread;
use std::time::{Duration, Instant};

use adversarial::Discriminator;
use anyhow::{Result, anyhow};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Device;
use dataset::Batch;
use vae::Autoencoder;

use super::adversary::Critic;
use super::compression::Compression;
use super::generator::{Objective, on_device, reconstruct};
use super::metrics::DeviceMetrics;
use super::rng_streams::RngStreams;
use super::trained_networks::TrainedNetworks;
use crate::config::{Config, Precision};
use crate::losses::PerceptualLoss;
use crate::optim::raise;

/// What a step has found out so far.
pub(super) struct Attempt {
    pub(super) critic: Option<Critic>,
    pub(super) compression: Compression,
    pub(super) autoencoder: GradientsAccumulator<Autoencoder>,
    pub(super) discriminator: GradientsAccumulator<Discriminator>,
    pub(super) metrics: DeviceMetrics,
    /// Time spent in forward passes.
    pub(super) forward: Duration,
}

/// A further device to compute on, and what it needs beside the weights.
pub(crate) struct Replica {
    pub(crate) device: Device,
    pub(crate) perceptual: Option<PerceptualLoss>,
}

/// A device with a copy of the weights.
pub(super) struct Worker<'a> {
    pub(super) config: &'a Config,
    /// On the device with gradients.
    pub(super) model: Autoencoder,
    /// The plain device.
    pub(super) device: Device,
    pub(super) perceptual: Option<&'a PerceptualLoss>,
}

impl Attempt {
    /// Nothing found out yet.
    pub(super) fn new(critic: Option<&Critic>, compression: &Compression) -> Self {
        Self {
            critic: critic.cloned(),
            compression: compression.clone(),
            autoencoder: GradientsAccumulator::new(),
            discriminator: GradientsAccumulator::new(),
            metrics: DeviceMetrics::default(),
            forward: Duration::ZERO,
        }
    }

    /// The same start for another device.
    fn fork(&self, device: &Device) -> Self {
        let critic = self.critic.as_ref().map(|critic| critic.fork(device));
        Self::new(critic.as_ref(), &self.compression)
    }

    /// Adds the gradients and metrics of another device.
    fn take(&mut self, mut other: Self, model: &Autoencoder, device: &Device) {
        let gradients = other.autoencoder.grads().to_device(device, model);
        self.autoencoder.accumulate(model, gradients);
        if let Some(critic) = &self.critic {
            let discriminator = &critic.discriminator;
            let gradients = other.discriminator.grads();
            let gradients = gradients.to_device(device, discriminator);
            self.discriminator.accumulate(discriminator, gradients);
        }
        self.metrics.take(other.metrics, device);
    }
}

impl Worker<'_> {
    /// Losses and gradients of all batches, dealt out in turn to this device and the replicas.
    pub(super) fn share(
        &self,
        start: Attempt,
        trained: TrainedNetworks,
        batches: Vec<(Batch, RngStreams)>,
        replicas: &[Replica],
    ) -> Result<Attempt> {
        let mut shares = deal(batches, 1 + replicas.len()).into_iter();
        let own = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let running: Vec<_> = replicas
                .iter()
                .zip(shares)
                .map(|(replica, share)| {
                    let worker = Worker {
                        config: self.config,
                        model: self.model.clone().fork(&replica.device),
                        device: replica.device.clone(),
                        perceptual: replica.perceptual.as_ref(),
                    };
                    let start = start.fork(&replica.device);
                    scope.spawn(move || worker.work(start, trained, share))
                })
                .collect();
            let mut attempt = self.work(start, trained, own)?;
            for thread in running {
                let stopped = |_| anyhow!("one of the devices stopped with an internal error");
                let other = thread.join().map_err(stopped)??;
                attempt.take(other, &self.model, &self.device);
            }
            Ok(attempt)
        })
    }

    fn work(
        &self,
        mut attempt: Attempt,
        trained: TrainedNetworks,
        batches: Vec<(Batch, RngStreams)>,
    ) -> Result<Attempt> {
        let lowered = match self.config.optimiser.precision {
            Precision::F32 => self.model.clone(),
            lower => self.model.clone().cast(lower.dtype()),
        };
        for (batch, rng) in batches {
            self.try_batch(&lowered, &mut attempt, trained, batch, rng)?;
        }
        Ok(attempt)
    }

    /// Losses and gradients of one batch, for the weights as they are computed with.
    fn try_batch(
        &self,
        lowered: &Autoencoder,
        attempt: &mut Attempt,
        trained: TrainedNetworks,
        batch: Batch,
        rng: RngStreams,
    ) -> Result<()> {
        let start = Instant::now();
        let (model, device) = if trained.autoencoder {
            (lowered.clone(), self.device.clone().autodiff())
        } else {
            (lowered.valid(), self.device.clone())
        };
        let clip = on_device(batch, &device);
        let noise = |shape| rng.noise(shape, &device);
        let dtype = self.config.optimiser.precision.dtype();
        let made = reconstruct(&model, dtype, &mut attempt.compression, clip, noise)?;
        attempt.forward += start.elapsed();
        if trained.autoencoder {
            let objective = Objective {
                loss: &self.config.loss,
                perceptual: self.perceptual,
                adversarial: self.config.adversarial.as_ref(),
            };
            let critic = attempt.critic.as_mut().filter(|_| trained.adversarial);
            let (compression, metrics) = (&attempt.compression, &mut attempt.metrics);
            let mut gradients =
                objective.gradients(&model, &made, compression, critic, rng, metrics)?;
            raise(&model, &mut gradients);
            attempt.autoencoder.accumulate(&model, gradients);
        }
        if let Some(critic) = attempt.critic.as_mut().filter(|_| trained.discriminator) {
            let (real, fake) = (made.pair.clip.inner(), made.pair.sample.inner());
            let loss = critic.loss(real, fake, rng, &mut attempt.metrics);
            let discriminator = &critic.discriminator;
            let gradients = GradientsParams::from_grads(loss.backward(), discriminator);
            attempt.discriminator.accumulate(discriminator, gradients);
        }
        Ok(())
    }
}

/// Deals items out in turn.
fn deal<T>(items: Vec<T>, hands: usize) -> Vec<Vec<T>> {
    let mut dealt: Vec<Vec<T>> = (0..hands).map(|_| Vec::new()).collect();
    for (item, hand) in items.into_iter().zip((0..hands).cycle()) {
        dealt[hand].push(item);
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_dealt_in_turn() {
        assert_eq!(deal(vec![0, 1, 2, 3, 4], 2), [vec![0, 2, 4], vec![1, 3]]);
        assert_eq!(deal(vec![0], 2), [vec![0], vec![]]);
    }
}
