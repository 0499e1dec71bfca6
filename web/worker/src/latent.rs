//! What a latent is made of, and what of it a mask keeps.
//!
//! Latents are small, so this always runs on the CPU: no GPU waits and no shaders for it.

use std::ops::Range;

use analysis::{Autocorrelation, CoefficientShape, Energy};
use burn::tensor::{Device, Tensor};
use protocol::Failure;
use vae::{ModelConfig, Shot};
use wavelet::{Mask, haar3d, multi_wt};

use crate::codec::{Host, read, tensor};
use crate::failure::internal;

/// A latent `[1, C, T', H', W']` on the CPU, of a model with this config and a clip of these shots.
#[derive(Clone, Debug)]
pub(crate) struct Latent<'a> {
    config: &'a ModelConfig,
    values: Tensor<5>,
    shots: &'a [Shot],
}

impl<'a> Latent<'a> {
    pub(crate) fn new(config: &'a ModelConfig, values: Tensor<5>, shots: &'a [Shot]) -> Self {
        Self {
            config,
            values,
            shots,
        }
    }

    /// From values `[C, T', H', W']`.
    pub(crate) fn from_values(
        config: &'a ModelConfig,
        values: Vec<f32>,
        [channels, frames, height, width]: [usize; 4],
        shots: &'a [Shot],
    ) -> Self {
        let shape = [1, channels, frames, height, width];
        Self::new(config, tensor(values, shape, &Device::flex()), shots)
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
        let coefficients = self.transformed(|part| multi_wt(part, self.config.constants()));
        let (values, shape) = self.volume(coefficients, host).await?;
        Energy::of(&values, shape, self.config.channels()).map_err(internal)
    }

    /// Energy and autocorrelation of the 8 one-level bands.
    pub(crate) async fn bands(
        &self,
        host: &impl Host,
    ) -> Result<(Energy, Autocorrelation), Failure> {
        let channels = self.config.channels();
        let coefficients = self.transformed(|part| haar3d(part, self.config.constants()));
        let (values, shape) = self.volume(coefficients, host).await?;
        let energy = Energy::of(&values, shape, channels).map_err(internal)?;
        let rho = Autocorrelation::of(&values, shape, channels).map_err(internal)?;
        Ok((energy, rho))
    }

    /// Share of the energy that the mask keeps, 0 to 1.
    pub(crate) async fn retained(&self, mask: &Mask, host: &impl Host) -> Result<f64, Failure> {
        if mask.keeps_everything() || self.compressed().next().is_none() {
            return Ok(1.0);
        }
        Ok(self.groups(host).await?.retained(mask.kept()))
    }

    /// Numbers to be stored after masking, latents that are not compressed included.
    pub(crate) fn stored_values(&self, mask: &Mask) -> usize {
        let [channels, _, height, width] = self.shape();
        let frame = [channels, height, width];
        self.config.stored_in_shots(self.shots, frame, mask)
    }

    /// The latents of each shot that compression works on, where there are any; by default not a
    /// shot's first, which holds one frame only.
    fn compressed(&self) -> impl Iterator<Item = Range<usize>> {
        let ranges = self.shots.iter().map(|shot| {
            let own = self.config.compressed_frames(shot.latents.len());
            shot.latents.start + own.start..shot.latents.start + own.end
        });
        ranges.filter(|range| !range.is_empty())
    }

    /// The coefficients of what is compressed, one shot's after another's; of all latents where
    /// nothing is, as in a still.
    fn transformed(&self, transform: impl Fn(Tensor<5>) -> Tensor<5>) -> Tensor<5> {
        let parts = self
            .compressed()
            .map(|range| self.values().slice_dim(2, range));
        let parts: Vec<Tensor<5>> = parts.map(&transform).collect();
        if parts.is_empty() {
            return transform(self.values());
        }
        Tensor::cat(parts, 2)
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
