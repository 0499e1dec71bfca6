//! Adversarial training of video autoencoders: the 3-D PatchGAN discriminator, its losses, and the
//! weight of the adversarial term. Source: spec/wfvae.md 9.

mod discriminator;
mod loss;
mod norm;
mod weights;

pub use discriminator::{Discriminator, DiscriminatorConfig};
pub use loss::{AdversarialLoss, adaptive_weight, generator_loss};
pub use weights::DiscriminatorError;
