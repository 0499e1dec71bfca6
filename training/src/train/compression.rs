//! What the latent loses between the two halves, in training.

use anyhow::{Context, Result};
use burn::tensor::{Tensor, TensorData};
use vae::Autoencoder;
use wavelet::{Choice, Mask, MaskChoice, strongest, through_packet, weakest_kept};

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
    /// The share that is kept of every coefficient `[B, 32C, T, H, W]`, in a shape that spreads over
    /// it: 0 or 1, or between them for a soft choice.
    fn choose(&mut self, coefficients: &Tensor<5>) -> Result<Tensor<5>> {
        let TopKConfig {
            keep,
            per,
            by,
            soft,
        } = self.config;
        let channels = by.of_channels(coefficients.clone());
        let mean = channels.clone().mean_dim(0);
        let strengths = match per {
            Choice::Batch => mean.clone(),
            Choice::Sample => channels,
            Choice::Position => coefficients.clone().square(),
        };
        self.follow(&read(mean)?);
        let (shape, device) = (strengths.dims(), strengths.device());
        let values = read(strengths.clone())?;
        let samples = values.chunks(values.len() / shape[0]);
        let Some(soft) = soft else {
            let kept = samples.flat_map(|sample| strongest(sample, keep));
            let kept: Vec<f32> = kept.map(|k| f32::from(u8::from(k))).collect();
            return Ok(Tensor::from_data(TensorData::new(kept, shape), &device));
        };
        let count = values.len() / shape[0];
        let weakest: Vec<f32> = samples
            .map(|sample| weakest_kept(sample, keep).map_or(f32::INFINITY, |w| w as f32))
            .collect();
        let weakest = TensorData::new(weakest, [shape[0], 1, 1, 1, 1]);
        let weakest = Tensor::from_data(weakest, &device);
        Ok(soft.shares(strengths, weakest, wavelet::count_kept(count, keep)))
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

/// A tensor's numbers, to be sorted.
fn read(strengths: Tensor<5>) -> Result<Vec<f64>> {
    let data = strengths.into_data().convert::<f64>();
    data.try_into_vec::<f64>()
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("the latent could not be read to choose what is kept of it")
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};
    use vae::ModelConfig;
    use wavelet::{Soft, Strength};

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
                soft: None,
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

    fn half(per: Choice, by: Strength, soft: Option<Soft>) -> Adaptive {
        Adaptive {
            config: TopKConfig {
                keep: 0.5,
                per,
                by,
                soft,
            },
            average: Vec::new(),
        }
    }

    /// The reference's soft masks, over channels and over single coefficients. The latter were
    /// recorded for the first 32 channels alone.
    #[test]
    fn soft_choices_are_the_references() {
        let vectors = e2e::vectors::Vectors::open("lcvae/topk");
        let coefficients: Tensor<5> = vectors.tensor("coeffs");
        let choose = |per, by, temperature, exact, coefficients: Tensor<5>| {
            let soft = Some(Soft { temperature, exact });
            let shares = half(per, by, soft).choose(&coefficients).unwrap();
            shares.into_data().try_into_vec::<f32>().unwrap()
        };
        let check = |name: String, found: Vec<f32>| {
            let (_, expected) = vectors.raw(&name);
            assert_eq!(found.len(), expected.len(), "{name}");
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-5,
                    "{name}: {found} for {expected}"
                );
            }
        };
        for temperature in [0.1, 0.5] {
            for (exact, number) in [(false, 0), (true, 1)] {
                let name = format!("channel_soft_mix_0.5_t{temperature}_exact{number}.mask");
                let whole = coefficients.clone();
                check(
                    name,
                    choose(Choice::Sample, Strength::Mix, temperature, exact, whole),
                );
            }
            let name = format!("position_soft_0.5_t{temperature}.mask");
            let few = coefficients.clone().narrow(1, 0, 32);
            check(
                name,
                choose(Choice::Position, Strength::Energy, temperature, false, few),
            );
        }
    }

    /// A channel that is only just kept grows where that lowers the loss.
    #[test]
    fn gradients_flow_through_a_soft_choice() {
        let device = Device::flex().autodiff();
        let x = Tensor::<1>::from_floats([1.0, 0.9, 0.2, 0.1], &device).reshape([1, 4, 1, 1, 1]);
        let gradient = |soft| {
            let x = x.clone().require_grad();
            let mut adaptive = half(Choice::Sample, Strength::Energy, soft);
            let kept = adaptive.choose(&x).unwrap();
            let gradients = (x.clone() * kept).sum().backward();
            x.grad(&gradients)
                .unwrap()
                .into_data()
                .try_into_vec::<f32>()
                .unwrap()
        };
        assert_eq!(gradient(None), [1.0, 1.0, 0.0, 0.0]);
        let soft = gradient(Some(Soft {
            temperature: 0.1,
            exact: false,
        }));
        assert!(soft[1] > 1.0 && soft[3] > 0.0, "{soft:?}");
    }
}
