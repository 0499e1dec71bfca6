//! What training changes: weights, their average, the optimisers, the progress.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, Tensor};
use dataset::Batch;
use vae::{Autoencoder, WeightFormat};

use super::adversary::{Adversary, Critic};
use super::attempt::{Attempt, Replica, Worker};
use super::compression::Compression;
use super::metrics::Metrics;
use super::rng_streams::RngStreams;
use super::trained_networks::TrainedNetworks;
use crate::checkpoint::{Checkpoint, Progress};
use crate::config::Config;
use crate::losses::PerceptualLoss;
use crate::optim::{
    decay_at, global_norm, learning_rate, number_parameters, optimiser, scale, update,
};

/// A model in training.
pub(crate) struct Trainer {
    config: Config,
    device: Device,
    /// On the device with gradients.
    model: Autoencoder,
    /// On the plain device.
    average: Autoencoder,
    optimiser: ModuleOptimizer,
    compression: Compression,
    perceptual: Option<PerceptualLoss>,
    adversary: Option<Adversary>,
    /// Devices that share a step's batches with the first one.
    replicas: Vec<Replica>,
    pub(crate) progress: Progress,
}

/// What one step gave. Times are of the host: on a GPU, work still queued counts to `backward`,
/// which is where the numbers are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepReport {
    /// Losses before weighting, their sum, norms before clipping: by their names in the log.
    pub(crate) metrics: Metrics,
    pub(crate) lr: f64,
    pub(crate) forward: Duration,
    pub(crate) backward: Duration,
    pub(crate) update: Duration,
}

impl Trainer {
    /// A run at its start, from random weights or from those of a file.
    pub(crate) fn fresh(
        config: &Config,
        device: &Device,
        data: String,
        perceptual: Option<PerceptualLoss>,
        weights: Option<&[u8]>,
    ) -> Result<Self> {
        device.seed(config.seed);
        let model = match weights {
            None => Autoencoder::new(&config.model()?, device),
            Some(bytes) => Autoencoder::load(&config.model()?, bytes, device)?,
        };
        let model = number_parameters(model);
        let progress = Progress {
            data,
            ..Progress::start(config.fingerprint()?)
        };
        let optimiser = optimiser(&config.optimiser, &model);
        let average = model.clone();
        let mut trainer = Self::assemble(config, device, model, average, optimiser, progress)?;
        trainer.perceptual = perceptual;
        let adversary = |own| Adversary::fresh(own, &config.optimiser, device);
        trainer.adversary = config.adversarial.as_ref().map(adversary);
        Ok(trainer)
    }

    /// A run as it was saved.
    pub(crate) fn resume(
        config: &Config,
        device: &Device,
        saved: &Checkpoint,
        data: String,
        perceptual: Option<PerceptualLoss>,
    ) -> Result<Self> {
        let model = config.model()?;
        let load = |bytes| Ok(number_parameters(Autoencoder::load(&model, bytes, device)?));
        let damaged = "the checkpoint is damaged";
        let weights: Result<Autoencoder> = load(&saved.weights);
        let weights = weights.context(damaged)?;
        let average: Result<Autoencoder> = load(&saved.average);
        let average = average.context(damaged)?;
        let optimiser = optimiser(&config.optimiser, &weights)
            .from_bytes(Bytes::from_bytes_vec(saved.optimiser.clone()))
            .context(damaged)?;
        let progress = Progress {
            data,
            ..saved.progress.clone()
        };
        let mut trainer = Self::assemble(config, device, weights, average, optimiser, progress)?;
        trainer.perceptual = perceptual;
        trainer.compression = Compression::new(&trainer.model, config.topk, &saved.strengths)?;
        if let Some(own) = &config.adversarial {
            let saved = saved.adversary.as_ref().context(damaged)?;
            let adversary = Adversary::load(own, &config.optimiser, device, saved);
            trainer.adversary = Some(adversary.context(damaged)?);
        }
        Ok(trainer)
    }

    fn assemble(
        config: &Config,
        device: &Device,
        model: Autoencoder,
        average: Autoencoder,
        optimiser: ModuleOptimizer,
        progress: Progress,
    ) -> Result<Self> {
        let model = model.freeze(&config.freeze)?.train();
        ensure!(
            has_trained_part(&model),
            "freeze leaves nothing of the model to train"
        );
        Ok(Self {
            config: config.clone(),
            device: device.clone(),
            compression: Compression::new(&model, config.topk, &[])?,
            model,
            average: average.valid(),
            optimiser,
            perceptual: None,
            adversary: None,
            replicas: Vec::new(),
            progress,
        })
    }

    /// The same, with further devices to share each step's batches with.
    pub(crate) fn with_replicas(self, replicas: Vec<Replica>) -> Self {
        Self { replicas, ..self }
    }

    /// The averaged weights: what is validated and exported. After adaptive Top-k their mask is
    /// what was strongest on average.
    pub(crate) fn average(&self) -> Autoencoder {
        let average = self.average.clone();
        match self.compression.frozen() {
            None => average,
            Some(mask) => average.with_mask(mask),
        }
    }

    /// Number of weights.
    pub(crate) fn parameters(&self) -> usize {
        self.model.num_params()
    }

    /// The noise of the posterior in the step to come, for a latent of this shape.
    pub(crate) fn noise(&self, latent: [usize; 5]) -> Tensor<5> {
        let batch = self.progress.step * self.config.optimiser.accumulate;
        let rng = RngStreams {
            seed: self.config.seed,
            batch,
        };
        rng.noise(latent, &self.device)
    }

    /// What the perceptual loss may be called, if there is one.
    pub(crate) fn perceptual_name(&self) -> Option<String> {
        self.perceptual.as_ref().map(PerceptualLoss::name)
    }

    /// Everything needed to go on from here.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint> {
        let bytes = |model: &Autoencoder| model.to_safetensors(WeightFormat::F32, &[]);
        Ok(Checkpoint {
            progress: self.progress.clone(),
            weights: bytes(&self.model.valid())?,
            average: bytes(&self.average)?,
            optimiser: self.optimiser.into_bytes()?.to_vec(),
            adversary: self.adversary.as_ref().map(Adversary::save).transpose()?,
            strengths: self.compression.strengths().to_vec(),
        })
    }

    /// One step on as many batches as gradients are averaged over. A step in which anything is not
    /// finite changes nothing but the counters.
    pub(crate) fn step(&mut self, batches: Vec<Batch>) -> Result<StepReport> {
        let start = Instant::now();
        let trained = TrainedNetworks::at(self.config.adversarial.as_ref(), self.progress.step);
        let count = batches.len();
        let batches = batches.into_iter().zip(0..).map(|(batch, index)| {
            let seed = self.config.seed;
            let batch_number = self.progress.step * count as u64 + index;
            (
                batch,
                RngStreams {
                    seed,
                    batch: batch_number,
                },
            )
        });
        let mut attempt = self.attempt(trained, batches.collect())?;
        let gradients = self.average_gradients(&mut attempt, trained, count)?;
        let mut report = StepReport {
            metrics: attempt.metrics.read()?,
            lr: learning_rate(
                &self.config.optimiser,
                self.progress.step,
                self.config.steps,
            ),
            forward: attempt.forward,
            ..StepReport::default()
        };
        report.backward = start.elapsed() - report.forward;
        let finite = report.metrics.all_finite();
        if finite {
            self.compression = attempt.compression;
            self.update(trained, gradients, attempt.critic, &report);
        }
        self.count(trained, finite);
        report.update = start.elapsed() - report.forward - report.backward;
        self.progress.seconds += start.elapsed().as_secs_f64();
        Ok(report)
    }

    fn count(&mut self, trained: TrainedNetworks, finite: bool) {
        let progress = &mut self.progress;
        progress.step += 1;
        progress.skipped += u64::from(!finite);
        for (trained, in_a_row) in [
            (trained.autoencoder, &mut progress.skipped_in_a_row),
            (
                trained.discriminator,
                &mut progress.discriminator_skipped_in_a_row,
            ),
        ] {
            if trained {
                *in_a_row = if finite { 0 } else { *in_a_row + 1 };
            }
        }
    }

    /// Losses and gradients of all batches, shared among the devices.
    fn attempt(
        &self,
        trained: TrainedNetworks,
        batches: Vec<(Batch, RngStreams)>,
    ) -> Result<Attempt> {
        let critic = self.adversary.as_ref().map(|own| &own.critic);
        let fresh = Attempt::new(critic, &self.compression);
        let worker = Worker {
            config: &self.config,
            model: self.model.clone(),
            device: self.device.clone(),
            perceptual: self.perceptual.as_ref(),
        };
        worker.share(fresh, trained, batches, &self.replicas)
    }

    /// Mean gradients of both networks, and their norms among the metrics.
    fn average_gradients(
        &self,
        attempt: &mut Attempt,
        trained: TrainedNetworks,
        count: usize,
    ) -> Result<[GradientsParams; 2]> {
        let mut autoencoder = attempt.autoencoder.grads();
        if trained.autoencoder {
            let norm = mean_and_norm(&self.model, &mut autoencoder, count);
            let norm = norm.context("the model has no gradients")?;
            attempt.metrics.add("gradient_norm", norm);
        }
        let mut discriminator = attempt.discriminator.grads();
        if let Some(critic) = attempt.critic.as_ref().filter(|_| trained.discriminator) {
            let norm = mean_and_norm(&critic.discriminator, &mut discriminator, count);
            let norm = norm.context("the discriminator has no gradients")?;
            attempt.metrics.add("discriminator_gradient_norm", norm);
        }
        Ok([autoencoder, discriminator])
    }

    fn update(
        &mut self,
        trained: TrainedNetworks,
        [autoencoder, discriminator]: [GradientsParams; 2],
        critic: Option<Critic>,
        report: &StepReport,
    ) {
        let most = self.config.optimiser.clip_norm;
        let norm = |name| report.metrics.mean(name).unwrap_or(0.0);
        if trained.autoencoder {
            let clipped = clip(&self.model, autoencoder, norm("gradient_norm") / most);
            self.model = self.optimiser.step(report.lr, self.model.clone(), clipped);
            let own = &self.config.optimiser;
            let decay = match own.ema_warmup {
                true => decay_at(own.ema_decay, self.progress.updates),
                false => own.ema_decay,
            };
            self.average = update(self.average.clone(), &self.model, decay);
            self.progress.updates += 1;
        }
        if let (Some(adversary), Some(critic)) = (&mut self.adversary, critic) {
            if trained.discriminator {
                let excess = norm("discriminator_gradient_norm") / most;
                let clipped = clip(&critic.discriminator, discriminator, excess);
                adversary.update(critic, report.lr, clipped);
            } else {
                adversary.critic = critic;
            }
        }
    }
}

/// Whether any parameter is trained.
fn has_trained_part(model: &Autoencoder) -> bool {
    struct Any(bool);
    impl ModuleVisitor for Any {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 |= param.is_require_grad();
        }
    }
    let mut any = Any(false);
    model.visit(&mut any);
    any.0
}

/// Divides summed gradients by their number; their norm.
fn mean_and_norm<M: Module>(
    module: &M,
    gradients: &mut GradientsParams,
    count: usize,
) -> Option<Tensor<1>> {
    if count > 1 {
        scale(module, gradients, 1.0 / count as f64);
    }
    global_norm(module, gradients)
}

/// Scales gradients down whose norm is `excess` times too large.
fn clip<M: Module>(module: &M, mut gradients: GradientsParams, excess: f64) -> GradientsParams {
    if excess > 1.0 {
        scale(module, &mut gradients, 1.0 / excess);
    }
    gradients
}

#[cfg(test)]
mod tests {
    use burn::optim::GradientsAccumulator;
    use burn::tensor::Distribution;
    use vae::ModelConfig;

    use super::*;

    #[test]
    fn gradients_of_several_batches_are_averaged() {
        let device = Device::flex().autodiff();
        let text = r#"{"_class_name": "LeanVAE", "l_dim": 4, "h_dim": 4}"#;
        let config = ModelConfig::from_json(text).unwrap();
        let model = number_parameters(Autoencoder::new(&config, &Device::flex())).train();
        let input = Tensor::random([1, 3, 5, 16, 16], Distribution::Default, &device);
        let gradients = |scale: f32| {
            let loss = model.encode(input.clone()).posterior.mean.sum() * scale;
            GradientsParams::from_grads(loss.backward(), &model)
        };
        let norm = |gradients: &mut GradientsParams, count| {
            let norm = mean_and_norm(&model, gradients, count).unwrap();
            norm.into_scalar::<f32>()
        };
        let one = norm(&mut gradients(1.0), 1);
        let mut sum = GradientsAccumulator::new();
        sum.accumulate(&model, gradients(0.5));
        sum.accumulate(&model, gradients(1.5));
        let mean = norm(&mut sum.grads(), 2);
        assert!(
            one > 0.0 && (mean - one).abs() < 1e-5 * one,
            "{mean} for {one}"
        );
        let halved = norm(&mut clip(&model, gradients(1.0), 2.0), 1);
        assert!((halved - 0.5 * one).abs() < 1e-5 * one, "{halved} of {one}");
    }
}
