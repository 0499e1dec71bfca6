//! Adversarial training of video autoencoders: PatchGAN discriminators over volumes and over
//! frames, the losses of both sides, and the weight of the adversarial term.
//! Source: spec/wfvae.md 9, spec/leanvae.md 9.
//!
//! ```
//! use adversarial::{Discriminator, DiscriminatorConfig, Patch};
//! use burn::tensor::{Device, Tensor};
//!
//! let config = DiscriminatorConfig { patch: Patch::Frame, width: 4, layers: 2 };
//! let device = Device::flex();
//! let judge = Discriminator::new(&config, &device);
//! let logits = judge.evaluate(Tensor::zeros([1, 3, 2, 32, 32], &device));
//! assert_eq!(logits.dims()[1], 1);
//! ```

mod discriminator;
mod loss;
mod norm;
mod weights;

pub use discriminator::{Discriminator, DiscriminatorConfig, Patch};
pub use loss::{AdversarialLoss, LeCam, adaptive_weight, frames_loss, generator_loss};
pub use weights::DiscriminatorError;
