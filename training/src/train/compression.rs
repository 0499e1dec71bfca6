//! What the latent loses between the two halves, in training.

use anyhow::{Context, Result};
use burn::tensor::{Tensor, TensorData};
use vae::Autoencoder;
use wavelet::{Choice, Mask, MaskChoice, Strength, strongest, through_packet};

use crate::config::TopKConfig;

/// Decay of the running mean of what channels hold. Source: spec/lcvae-notes.md 3.4.
const DECAY: f64 = 0.99;

/// A fixed mask, or one that is chosen anew for every batch.
#[derive(Clone)]
pub(super) enum Compression {
    Fixed(Mask),
    Adaptive(Adaptive),
}

/// Adaptive Top-k and how strong each channel was on average.
#[derive(Clone)]
pub(super) struct Adaptive {
    config: TopKConfig,
    /// Empty before the first batch.
    average: Vec<f64>,
}

impl Compression {
    /// `strengths` are what a checkpoint kept of an adaptive one.
    pub(super) fn new(
        model: &Autoencoder,
        topk: Option<TopKConfig>,
        strengths: &[f64],
    ) -> Result<Self> {
        Ok(match topk {
            None => Self::Fixed(model.config().mask().build(model.config().channels())?),
            Some(config) => Self::Adaptive(Adaptive {
                config,
                average: strengths.to_vec(),
            }),
        })
    }

    /// The latent as the decoder sees it.
    pub(super) fn apply(&mut self, model: &Autoencoder, latent: Tensor<5>) -> Result<Tensor<5>> {
        match self {
            Self::Fixed(mask) => Ok(model.restore(latent, mask)?),
            Self::Adaptive(adaptive) => {
                let constants = model.config().constants();
                let mut failure = Ok(());
                let restored = model.restore_by(latent, |groups| {
                    Ok(through_packet(groups, constants, |x| {
                        adaptive.choose(&x).map_or_else(
                            |error| {
                                failure = Err(error);
                                x.clone()
                            },
                            |kept| x.clone() * kept,
                        )
                    }))
                })?;
                failure.map(|()| restored)
            }
        }
    }

    /// The mask, if it is the same for every batch.
    pub(super) fn fixed(&self) -> Option<&Mask> {
        match self {
            Self::Fixed(mask) => Some(mask),
            Self::Adaptive(_) => None,
        }
    }

    /// How strong each channel was on average, for a checkpoint.
    pub(super) fn strengths(&self) -> &[f64] {
        match self {
            Self::Fixed(_) => &[],
            Self::Adaptive(adaptive) => &adaptive.average,
        }
    }

    /// The fixed mask of the model as it is validated and exported, if it is not in its config.
    pub(super) fn frozen(&self) -> Option<MaskChoice> {
        let Self::Adaptive(adaptive) = self else {
            return None;
        };
        let kept = strongest(&adaptive.average, adaptive.config.keep);
        let indices = kept.iter().enumerate().filter(|(_, kept)| **kept);
        let indices: Vec<usize> = indices.map(|(index, _)| index).collect();
        (!indices.is_empty()).then_some(MaskChoice::Channels(indices))
    }
}

impl Adaptive {
    /// 0 or 1 for every coefficient `[B, 32C, T, H, W]`, in a shape that spreads over it.
    fn choose(&mut self, coefficients: &Tensor<5>) -> Result<Tensor<5>> {
        let [batch, channels, frames, height, width] = coefficients.dims();
        let data = coefficients.clone().into_data().convert::<f32>();
        let values = data
            .try_into_vec::<f32>()
            .map_err(|error| anyhow::anyhow!("{error:?}"))
            .context("the latent could not be read to choose what is kept of it")?;
        let samples: Vec<&[f32]> = values.chunks(values.len() / batch).collect();
        let TopKConfig { keep, per, by } = self.config;
        let strengths: Vec<Vec<f64>> = samples
            .iter()
            .map(|sample| by.of_channels(sample, channels))
            .collect();
        let mean: Vec<f64> = (0..channels)
            .map(|c| strengths.iter().map(|s| s[c]).sum::<f64>() / batch as f64)
            .collect();
        self.follow(&mean);
        let (kept, shape) = match per {
            Choice::Batch => (strongest(&mean, keep), [1, channels, 1, 1, 1]),
            Choice::Sample => {
                let kept = strengths.iter().flat_map(|s| strongest(s, keep)).collect();
                (kept, [batch, channels, 1, 1, 1])
            }
            Choice::Position => {
                let kept = samples.iter().flat_map(|sample| {
                    strongest(&Strength::Energy.of_channels(sample, sample.len()), keep)
                });
                (kept.collect(), [batch, channels, frames, height, width])
            }
        };
        let kept: Vec<f32> = kept.into_iter().map(|k| f32::from(u8::from(k))).collect();
        let data = TensorData::new(kept, shape);
        Ok(Tensor::from_data(data, &coefficients.device()))
    }

    fn follow(&mut self, strengths: &[f64]) {
        if self.average.is_empty() {
            self.average = strengths.to_vec();
        }
        for (average, now) in self.average.iter_mut().zip(strengths) {
            *average = *average * DECAY + now * (1.0 - DECAY);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};
    use vae::ModelConfig;

    use super::*;

    const MODEL: &str = r#"{"_class_name": "LeanVAE", "latent_dim": 2, "l_dim": 4, "h_dim": 4}"#;

    fn energy(x: &Tensor<5>) -> f64 {
        x.clone().square().sum().into_scalar::<f64>()
    }

    /// No other choice of as many coefficients keeps as much.
    #[test]
    fn finer_choices_keep_more_and_the_first_frame_is_whole() {
        let config = ModelConfig::from_json(MODEL).unwrap();
        let device = Device::flex();
        device.seed(3);
        let model = Autoencoder::new(&config, &device);
        let latent = Tensor::random([2, 2, 9, 4, 4], Distribution::Default, &device);
        let kept = |per| {
            let topk = TopKConfig {
                keep: 0.5,
                per,
                by: Strength::Energy,
            };
            let mut compression = Compression::new(&model, Some(topk), &[]).unwrap();
            let restored = compression.apply(&model, latent.clone()).unwrap();
            let first = |x: &Tensor<5>| x.clone().narrow(2, 0, 1);
            let off = (first(&restored) - first(&latent)).abs().max();
            assert_eq!(off.into_scalar::<f32>(), 0.0);
            let Some(MaskChoice::Channels(frozen)) = compression.frozen() else {
                panic!("there is a mask after a batch");
            };
            assert_eq!(frozen.len(), 32);
            energy(&restored)
        };
        let whole = energy(&latent);
        let shares = [Choice::Batch, Choice::Sample, Choice::Position].map(kept);
        assert!(shares[0] < shares[1] && shares[1] < shares[2], "{shares:?}");
        assert!(
            shares[0] > 0.5 * whole && shares[2] < whole,
            "{shares:?} of {whole}"
        );
    }
}
