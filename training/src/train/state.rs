//! What training changes: weights, their average, the optimiser, the progress.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, Tensor, TensorData};
use vae::{Autoencoder, WeightFormat};
use wavelet::Mask;

use crate::checkpoint::{Checkpoint, Progress};
use crate::config::Config;
use crate::data::Batch;
use crate::losses::{Losses, losses};
use crate::noise::{normal, stream_seed};
use crate::optim::{adamw, decay_at, global_norm, learning_rate, number_parameters, scale, update};

/// Stream of the posterior's noise, apart from the data's draws.
const NOISE: u64 = 0x6e6f_6973;

/// A model in training.
pub(crate) struct Trainer {
    config: Config,
    device: Device,
    /// On the device with gradients.
    model: Autoencoder,
    /// On the plain device.
    average: Autoencoder,
    optimiser: ModuleOptimizer,
    mask: Mask,
    pub(crate) progress: Progress,
}

/// What one step gave. Times are of the host: on a GPU, work still queued counts to `backward`,
/// which is where the numbers are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepReport {
    pub(crate) loss: f32,
    pub(crate) l1: f32,
    pub(crate) kl: f32,
    pub(crate) wavelet: f32,
    /// Norm of all gradients together, before clipping.
    pub(crate) gradient: f32,
    pub(crate) lr: f64,
    pub(crate) forward: Duration,
    pub(crate) backward: Duration,
    pub(crate) update: Duration,
}

impl Trainer {
    /// A run at its start, from the given weights (safetensors) or else from random ones.
    pub(crate) fn fresh(
        config: &Config,
        device: &Device,
        weights: Option<&[u8]>,
        data: String,
    ) -> Result<Self> {
        device.seed(config.seed);
        let model = config.model()?;
        let model = match weights {
            Some(weights) => Autoencoder::load(&model, weights, device)?,
            None => Autoencoder::new(&model, device),
        };
        let model = number_parameters(model);
        let progress = Progress {
            config: config.fingerprint()?,
            data,
            step: 0,
            updates: 0,
            skipped: 0,
            skipped_in_a_row: 0,
            seconds: 0.0,
        };
        let optimiser = adamw(&config.optimiser);
        Self::assemble(config, device, model.clone(), model, optimiser, progress)
    }

    /// A run as it was saved.
    pub(crate) fn resume(
        config: &Config,
        device: &Device,
        saved: &Checkpoint,
        data: String,
    ) -> Result<Self> {
        let model = config.model()?;
        let load = |bytes| Ok(number_parameters(Autoencoder::load(&model, bytes, device)?));
        let damaged = "the checkpoint is damaged";
        let weights: Result<Autoencoder> = load(&saved.weights);
        let average: Result<Autoencoder> = load(&saved.average);
        let optimiser = adamw(&config.optimiser)
            .from_bytes(Bytes::from_bytes_vec(saved.optimiser.clone()))
            .context(damaged)?;
        let progress = Progress {
            data,
            ..saved.progress.clone()
        };
        let (weights, average) = (weights.context(damaged)?, average.context(damaged)?);
        Self::assemble(config, device, weights, average, optimiser, progress)
    }

    fn assemble(
        config: &Config,
        device: &Device,
        model: Autoencoder,
        average: Autoencoder,
        optimiser: ModuleOptimizer,
        progress: Progress,
    ) -> Result<Self> {
        let mask = model.config().mask().build(model.config().channels())?;
        Ok(Self {
            config: config.clone(),
            device: device.clone(),
            model: model.train(),
            average: average.valid(),
            optimiser,
            mask,
            progress,
        })
    }

    /// The averaged weights: what is validated and exported.
    pub(crate) fn average(&self) -> &Autoencoder {
        &self.average
    }

    /// Number of weights.
    pub(crate) fn parameters(&self) -> usize {
        self.model.num_params()
    }

    /// Everything needed to go on from here.
    pub(crate) fn checkpoint(&self) -> Result<Checkpoint> {
        let bytes = |model: &Autoencoder| model.to_safetensors(WeightFormat::F32, &[]);
        Ok(Checkpoint {
            progress: self.progress.clone(),
            weights: bytes(&self.model.valid())?,
            average: bytes(&self.average)?,
            optimiser: self.optimiser.into_bytes()?.to_vec(),
        })
    }

    /// One step on one batch. A step whose loss or gradient is not finite changes nothing but
    /// the counters.
    pub(crate) fn step(&mut self, batch: Batch) -> Result<StepReport> {
        let start = Instant::now();
        let terms = self.forward(batch)?;
        let forward = start.elapsed();

        let mut gradients = GradientsParams::from_grads(terms.total.backward(), &self.model);
        let norm = global_norm(&self.model, &gradients).context("the model has no gradients")?;
        let mut report = self.read(terms, norm)?;
        report.forward = forward;
        report.backward = start.elapsed() - forward;

        if report.loss.is_finite() && report.gradient.is_finite() {
            let excess = f64::from(report.gradient) / self.config.optimiser.clip_norm;
            if excess > 1.0 {
                scale(&self.model, &mut gradients, 1.0 / excess);
            }
            self.update(gradients, report.lr);
        } else {
            self.progress.skipped += 1;
            self.progress.skipped_in_a_row += 1;
        }
        self.progress.step += 1;
        report.update = start.elapsed() - report.forward - report.backward;
        self.progress.seconds += start.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Encodes, samples, compresses as the model's mask says, decodes, compares.
    fn forward(&self, batch: Batch) -> Result<Losses> {
        let device = self.device.clone().autodiff();
        let clip = Tensor::from_data(TensorData::new(batch.samples, batch.shape), &device);
        let encoding = self.model.encode(clip.clone());
        let seed = stream_seed(&[NOISE, self.config.seed, self.progress.step]);
        let noise = normal(encoding.posterior.mean.dims(), seed, &device);
        let latent = self
            .model
            .restore(encoding.posterior.sample(noise), &self.mask)?;
        let decoding = self.model.decode(latent);
        Ok(losses(
            &self.config.loss,
            clip,
            encoding,
            decoding.sample,
            decoding.wavelets,
        ))
    }

    /// Reads a step's numbers, all in one transfer.
    fn read(&self, terms: Losses, norm: Tensor<1>) -> Result<StepReport> {
        let numbers = [terms.total, terms.l1, terms.kl, terms.wavelet].map(Tensor::inner);
        let numbers = Tensor::cat(numbers.into_iter().chain([norm]).collect(), 0);
        let numbers = numbers.into_data().convert::<f32>().try_into_vec::<f32>();
        let Ok([loss, l1, kl, wavelet, gradient]) = numbers.as_deref() else {
            anyhow::bail!("the device did not return the loss");
        };
        let lr = learning_rate(
            &self.config.optimiser,
            self.progress.step,
            self.config.steps,
        );
        Ok(StepReport {
            loss: *loss,
            l1: *l1,
            kl: *kl,
            wavelet: *wavelet,
            gradient: *gradient,
            lr,
            ..StepReport::default()
        })
    }

    fn update(&mut self, gradients: GradientsParams, lr: f64) {
        self.model = self.optimiser.step(lr, self.model.clone(), gradients);
        let decay = decay_at(self.config.optimiser.ema_decay, self.progress.updates);
        self.average = update(self.average.clone(), &self.model, decay);
        self.progress.updates += 1;
        self.progress.skipped_in_a_row = 0;
    }
}
