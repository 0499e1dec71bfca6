//! What the two networks minimise.

use burn::tensor::activation::{relu, softplus};
use burn::tensor::{Device, Tensor};

/// What the discriminator minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdversarialLoss {
    /// Logits beyond 1 on the right side cost nothing.
    Hinge,
    /// The usual cross-entropy.
    Vanilla,
}

impl AdversarialLoss {
    /// The discriminator's loss, `[1]`, from logits of any shape on real and reconstructed clips.
    pub fn discriminator(self, real: Tensor<5>, fake: Tensor<5>) -> Tensor<1> {
        let (real, fake) = match self {
            Self::Hinge => (relu(-real + 1.0), relu(fake + 1.0)),
            Self::Vanilla => (softplus(-real, 1.0), softplus(fake, 1.0)),
        };
        (real.mean() + fake.mean()) * 0.5
    }
}

/// The autoencoder's adversarial loss, `[1]`: the negative mean logit of its reconstruction.
pub fn generator_loss(fake: Tensor<5>) -> Tensor<1> {
    -fake.mean()
}

/// LeanVAE's adversarial loss, `[1]`: the cross-entropy of each frame's mean logit, where every
/// frame should look real. Source: spec/leanvae.md 9.
pub fn frames_loss(fake: Tensor<5>) -> Tensor<1> {
    softplus(-fake.mean_dims(&[1, 3, 4]), 1.0).mean()
}

/// LeCAM: keeps a discriminator's logits near the running means of the other side's.
/// Source: spec/leanvae.md 9.
#[derive(Clone, Debug)]
pub struct LeCam {
    /// Running mean of the logits on real clips, `[1]`.
    pub real: Tensor<1>,
    /// Running mean of the logits on reconstructions, `[1]`.
    pub fake: Tensor<1>,
}

impl LeCam {
    const DECAY: f64 = 0.999;

    /// Means that start at 0.
    pub fn new(device: &Device) -> Self {
        Self {
            real: Tensor::zeros([1], device),
            fake: Tensor::zeros([1], device),
        }
    }

    /// The means after these logits, and the penalty `[1]`, which is measured against them.
    #[must_use]
    pub fn follow(&self, real: Tensor<5>, fake: Tensor<5>) -> (Self, Tensor<1>) {
        let next = |mean: &Tensor<1>, logits: &Tensor<5>| {
            let now = logits.clone().inner().mean();
            mean.clone() * Self::DECAY + now * (1.0 - Self::DECAY)
        };
        let means = Self {
            real: next(&self.real, &real),
            fake: next(&self.fake, &fake),
        };
        let beyond = |difference: Tensor<5>| relu(difference).square().mean();
        let against = |mean: &Tensor<1>| mean.clone().reshape([1; 5]);
        let penalty = beyond(real - against(&means.fake)) + beyond(against(&means.real) - fake);
        (means, penalty)
    }
}

/// Factor that gives the adversarial loss `weight` times the pull of the reconstruction loss.
///
/// Takes the gradients of both with respect to the weights of the decoder's last layer; the result
/// is a scalar `[1]`, to be used as a constant.
pub fn adaptive_weight<const D: usize>(
    reconstruction: Tensor<D>,
    adversarial: Tensor<D>,
    weight: f64,
) -> Tensor<1> {
    let norm = |gradient: Tensor<D>| gradient.square().sum().sqrt();
    (norm(reconstruction) / (norm(adversarial) + 1e-6)).clamp(0.0, 1e6) * weight
}
