//! Adversarial training of video autoencoders: PatchGAN discriminators over volumes and over
//! frames, the losses of both sides, and the weight of the adversarial term.
//! Source: spec/wfvae.md 9, spec/leanvae.md 9.

mod discriminator;
mod loss;
mod norm;
mod weights;

pub use discriminator::{Discriminator, DiscriminatorConfig, Patch};
pub use loss::{AdversarialLoss, LeCam, adaptive_weight, frames_loss, generator_loss};
pub use weights::DiscriminatorError;
