//! The diagonal Gaussian that an encoder returns.

use burn::tensor::Tensor;

/// A diagonal Gaussian over latents. Source: spec/wfvae.md 6.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// Mean, `[B, C, T', H', W']`.
    pub mean: Tensor<5>,
    /// Log-variance, clamped to -30..20, in the shape of the mean.
    pub logvar: Tensor<5>,
}

impl Posterior {
    /// Splits an encoder's output `[B, 2C, T', H', W']` into mean and clamped log-variance.
    pub fn from_moments(moments: Tensor<5>) -> Self {
        let channels = moments.dims()[1] / 2;
        let mean = moments.clone().narrow(1, 0, channels);
        Self::new(mean, moments.narrow(1, channels, channels))
    }

    /// A posterior from a mean and a log-variance, which is clamped here.
    pub fn new(mean: Tensor<5>, logvar: Tensor<5>) -> Self {
        Self {
            mean,
            logvar: logvar.clamp(-30.0, 20.0),
        }
    }

    /// The most likely latent: the mean.
    pub fn mode(&self) -> Tensor<5> {
        self.mean.clone()
    }

    /// A sample, from standard normal noise in the shape of the mean.
    pub fn sample(&self, noise: Tensor<5>) -> Tensor<5> {
        self.mean.clone() + self.logvar.clone().div_scalar(2.0).exp() * noise
    }

    /// Divergence from the standard normal distribution, summed over everything but the batch.
    ///
    /// # Shapes
    /// `[B]`, in nats.
    pub fn kl(&self) -> Tensor<1> {
        let mean = self.mean.clone();
        let logvar = self.logvar.clone();
        let terms = mean.clone() * mean + logvar.clone().exp() - 1.0 - logvar;
        terms
            .flatten::<2>(1, 4)
            .sum_dim(1)
            .squeeze_dim(1)
            .mul_scalar(0.5)
    }
}
