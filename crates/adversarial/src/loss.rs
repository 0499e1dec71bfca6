//! What the two networks minimise.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softplus};

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
