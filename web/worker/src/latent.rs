//! What a latent is made of, and what of it a mask keeps.
//!
//! Latents are small, so this always runs on the CPU: no GPU waits and no shaders for it.

use std::ops::Range;

use analysis::{Autocorrelation, CoefficientShape, Energy};
use burn::tensor::{Device, Tensor};
use protocol::Failure;
use vae::ModelConfig;
use wavelet::{Mask, haar3d, multi_wt};

use crate::codec::{Host, read, tensor};
use crate::failure::internal;

/// A latent `[1, C, T', H', W']` on the CPU, of a model with this config.
#[derive(Clone, Debug)]
pub(crate) struct Latent<'a> {
    config: &'a ModelConfig,
    values: Tensor<5>,
}

impl<'a> Latent<'a> {
    pub(crate) fn new(config: &'a ModelConfig, values: Tensor<5>) -> Self {
        Self { config, values }
    }

    /// From values `[C, T', H', W']`.
    pub(crate) fn from_values(
        config: &'a ModelConfig,
        values: Vec<f32>,
        [channels, frames, height, width]: [usize; 4],
    ) -> Self {
        let shape = [1, channels, frames, height, width];
        Self::new(config, tensor(values, shape, &Device::flex()))
    }

    pub(crate) fn values(&self) -> Tensor<5> {
        self.values.clone()
    }

    /// `[C, T', H', W']`.
    pub(crate) fn shape(&self) -> [usize; 4] {
        let [_, channels, frames, height, width] = self.values.dims();
        [channels, frames, height, width]
    }

    /// Energy of the 32 Multi-WT groups.
    pub(crate) async fn groups(&self, host: &impl Host) -> Result<Energy, Failure> {
        let coefficients = multi_wt(self.transformed(), self.config.constants());
        let (values, shape) = self.volume(coefficients, host).await?;
        Energy::of(&values, shape, self.config.channels()).map_err(internal)
    }

    /// Energy and autocorrelation of the 8 one-level bands.
    pub(crate) async fn bands(
        &self,
        host: &impl Host,
    ) -> Result<(Energy, Autocorrelation), Failure> {
        let channels = self.config.channels();
        let coefficients = haar3d(self.transformed(), self.config.constants());
        let (values, shape) = self.volume(coefficients, host).await?;
        let energy = Energy::of(&values, shape, channels).map_err(internal)?;
        let rho = Autocorrelation::of(&values, shape, channels).map_err(internal)?;
        Ok((energy, rho))
    }

    /// Share of the energy that the mask keeps, 0 to 1.
    pub(crate) async fn retained(&self, mask: &Mask, host: &impl Host) -> Result<f64, Failure> {
        if mask.keeps_everything() || self.is_single() {
            return Ok(1.0);
        }
        Ok(self.groups(host).await?.retained(mask.kept()))
    }

    /// Numbers to be stored after masking, latents that are not compressed included.
    pub(crate) fn stored_values(&self, mask: &Mask) -> usize {
        self.config.stored_values(self.shape(), mask)
    }

    /// The latents that compression works on; by default not a causal model's first, which holds
    /// one frame only.
    fn compressed(&self) -> Range<usize> {
        self.config.compressed_frames(self.shape()[1])
    }

    /// Whether there is nothing to compress.
    fn is_single(&self) -> bool {
        self.compressed().is_empty()
    }

    /// The latents that the wavelet transforms work on; the single one of a still for want of any
    /// other.
    fn transformed(&self) -> Tensor<5> {
        if self.is_single() {
            return self.values();
        }
        self.values().slice_dim(2, self.compressed())
    }

    async fn volume(
        &self,
        coefficients: Tensor<5>,
        host: &impl Host,
    ) -> Result<(Vec<f32>, CoefficientShape), Failure> {
        let [_, channels, frames, height, width] = coefficients.dims();
        let shape = CoefficientShape {
            channels,
            frames,
            height,
            width,
        };
        Ok((read(coefficients, host).await?, shape))
    }
}
