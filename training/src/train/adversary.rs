//! The discriminator in training. Source: spec/wfvae.md 9 and 10, spec/leanvae.md 9.

use adversarial::{
    AdversarialLoss, Discriminator, DiscriminatorConfig, LeCam, Patch, adaptive_weight,
    frames_loss, generator_loss,
};
use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Bytes, Device, FloatDType, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vae::LastLayer;

use super::metrics::DeviceMetrics;
use super::rng_streams::RngStreams;
use crate::checkpoint::SavedAdversary;
use crate::config::{AdversarialConfig, DiscriminatorLoss, OptimiserConfig, PatchKind, Pull};
use crate::optim::{adamw, number_parameters};

/// Passes over a batch, for what is dropped in each.
const PULL: u64 = 0;
const REAL: u64 = 1;
const FAKE: u64 = 2;

/// A discriminator and its optimiser.
pub(super) struct Adversary {
    pub(super) critic: Critic,
    optimiser: ModuleOptimizer,
}

/// What a step of either network changes, unless the step is thrown away.
#[derive(Clone)]
pub(super) struct Critic {
    config: AdversarialConfig,
    /// On the device with gradients.
    pub(super) discriminator: Discriminator,
    /// Running means of the logits, on the plain device.
    lecam: LeCam,
}

impl Adversary {
    pub(super) fn fresh(
        config: &AdversarialConfig,
        optimiser: &OptimiserConfig,
        device: &Device,
    ) -> Self {
        let size = DiscriminatorConfig {
            patch: match config.patch {
                PatchKind::Volume => Patch::Volume,
                PatchKind::Frame => Patch::Frame,
            },
            width: config.width,
            layers: config.layers,
        };
        let discriminator = Discriminator::new(&size, device);
        Self {
            critic: Critic::new(config, discriminator, LeCam::new(device)),
            optimiser: adamw(optimiser),
        }
    }

    /// As it was saved.
    pub(super) fn load(
        config: &AdversarialConfig,
        optimiser: &OptimiserConfig,
        device: &Device,
        saved: &SavedAdversary,
    ) -> Result<Self> {
        let mut adversary = Self::fresh(config, optimiser, device);
        let critic = &mut adversary.critic;
        let mut discriminator = critic.discriminator.valid();
        discriminator.load(&saved.weights, "")?;
        critic.discriminator = discriminator.train();
        let means = SafeTensors::deserialize(&saved.means)?;
        critic.lecam = LeCam {
            real: scalar(&means, "real", device)?,
            fake: scalar(&means, "fake", device)?,
        };
        let state = Bytes::from_bytes_vec(saved.optimiser.clone());
        adversary.optimiser = adversary.optimiser.from_bytes(state)?;
        Ok(adversary)
    }

    pub(super) fn save(&self) -> Result<SavedAdversary> {
        let critic = &self.critic;
        let bytes = |mean: &Tensor<1>| -> Vec<u8> {
            let value = mean.clone().into_scalar::<f32>();
            value.to_le_bytes().to_vec()
        };
        let means = [
            ("real", bytes(&critic.lecam.real)),
            ("fake", bytes(&critic.lecam.fake)),
        ];
        let views = means
            .iter()
            .map(|(name, data)| Ok((*name, TensorView::new(Dtype::F32, vec![1], data)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(SavedAdversary {
            weights: critic.discriminator.valid().to_safetensors()?,
            means: safetensors::serialize(views, None)?,
            optimiser: self.optimiser.into_bytes()?.to_vec(),
        })
    }

    /// Makes a step of the discriminator.
    pub(super) fn update(&mut self, critic: Critic, lr: f64, gradients: GradientsParams) {
        let lr = critic.config.lr.unwrap_or(lr);
        let discriminator = self.optimiser.step(lr, critic.discriminator, gradients);
        self.critic = Critic {
            discriminator,
            ..critic
        };
    }
}

fn scalar(file: &SafeTensors<'_>, name: &str, device: &Device) -> Result<Tensor<1>> {
    let view = file.tensor(name)?;
    let (numbers, _) = view.data().as_chunks::<4>();
    let number = numbers.first().context("a running mean is empty")?;
    let data = TensorData::new(vec![f32::from_le_bytes(*number)], [1]);
    Ok(Tensor::from_data(data, device))
}

impl Critic {
    pub(super) fn new(
        config: &AdversarialConfig,
        discriminator: Discriminator,
        lecam: LeCam,
    ) -> Self {
        Self {
            config: config.clone(),
            discriminator: number_parameters(discriminator).train(),
            lecam,
        }
    }

    /// The same on another device.
    pub(super) fn fork(&self, device: &Device) -> Self {
        let mean = |mean: &Tensor<1>| mean.clone().to_device(device);
        Self {
            config: self.config.clone(),
            discriminator: self.discriminator.clone().fork(device),
            lecam: LeCam {
                real: mean(&self.lecam.real),
                fake: mean(&self.lecam.fake),
            },
        }
    }

    /// The autoencoder's adversarial loss of a reconstruction, `[1]`, with gradients for the
    /// reconstruction only. Moves the running statistics, as in the references.
    pub(super) fn pull(&mut self, fake: Tensor<5>, rng: RngStreams) -> Tensor<1> {
        let mut frozen = self.discriminator.clone().no_grad();
        let fake = seen(self.config.patch, fake);
        let dropout = rng.dropout(self.config.dropout, PULL, &fake.device());
        let logits = frozen.train_step(fake, dropout);
        self.discriminator.adopt_statistics(&frozen);
        match self.config.pull {
            Pull::Logits => generator_loss(logits),
            Pull::Frames => frames_loss(logits),
        }
    }

    /// What the adversarial loss `pull` counts for beside the reconstruction loss, `[1]`. Both
    /// are given by their gradients for the sample; `last` must be known if the weight is
    /// adaptive.
    pub(super) fn weight(
        &self,
        reconstruction: &Tensor<5>,
        pull: &Tensor<5>,
        last: Option<&LastLayer>,
    ) -> Result<Tensor<1>> {
        let last = last.context("the model's last layer is not known by itself")?;
        let [reconstruction, pull] = [reconstruction, pull].map(|g| at_last_layer(last, g));
        Ok(adaptive_weight(reconstruction?, pull?, self.config.weight))
    }

    /// The discriminator's own loss, `[1]`, from clips and reconstructions `[B, 3, T, H, W]` on the
    /// plain device.
    pub(super) fn loss(
        &mut self,
        real: Tensor<5>,
        fake: Tensor<5>,
        rng: RngStreams,
        metrics: &mut DeviceMetrics,
    ) -> Tensor<1> {
        let mut critic = |clip: Tensor<5>, call| {
            let clip = seen(self.config.patch, clip.autodiff());
            let dropout = rng.dropout(self.config.dropout, call, &clip.device());
            self.discriminator.train_step(clip, dropout)
        };
        let (real, fake) = (critic(real, REAL), critic(fake, FAKE));
        metrics.add("logits_real", real.clone().mean());
        metrics.add("logits_fake", fake.clone().mean());
        let kind = match self.config.loss {
            DiscriminatorLoss::Hinge => AdversarialLoss::Hinge,
            DiscriminatorLoss::Vanilla => AdversarialLoss::Vanilla,
        };
        let mut loss = kind.discriminator(real.clone(), fake.clone());
        if self.config.lecam > 0.0 {
            let (means, penalty) = self.lecam.follow(real, fake);
            self.lecam = means;
            loss = loss + penalty * self.config.lecam;
        }
        metrics.add("discriminator", loss.clone());
        loss
    }
}

/// A clip in the range of values that a discriminator is made for.
fn seen(patch: PatchKind, clip: Tensor<5>) -> Tensor<5> {
    match patch {
        PatchKind::Volume => clip,
        PatchKind::Frame => clip * 0.5,
    }
}

/// The gradient of a loss for the last layer's weights, from that for the sample.
fn at_last_layer(last: &LastLayer, gradient: &Tensor<5>) -> Result<Tensor<4>> {
    let weight = last.weight().inner().autodiff().require_grad();
    let sample = last.with_weight(weight.clone()).cast(FloatDType::F32);
    let mut gradients = (sample * gradient.clone()).sum().backward();
    let gradient = weight
        .grad_remove(&mut gradients)
        .context("the last layer has no gradient")?;
    Ok(gradient.cast(FloatDType::F32))
}
