//! What a model's latent is made of, over some clips.
//!
//! Bands are those of one 3-D Haar step of the latent, as in the paper's figures; paths are those of
//! the Multi-WT, in the order of their true frequency. Latent frames that compression leaves out, such
//! as a causal model's first, are left out.

use analysis::{Autocorrelation, CoefficientShape, Energy};
use anyhow::{Result, bail};
use burn::tensor::Tensor;
use codec::{Codec, values};
use serde_json::{Value, json};
use vae::{GROUP, ModelConfig};
use wavelet::{Group, SpatialBand, SpatioTemporalBand, TemporalPath, haar3d, multi_wt};

use crate::sample::Sample;
use crate::strongest::mean_squares;

/// A clip's latent, measured.
struct Measured {
    bands: Energy,
    rho: Autocorrelation,
    groups: Energy,
}

/// What a model's latents of some clips are made of.
pub struct LatentContent {
    /// In their order.
    pub bands: Vec<Band>,
    /// In the order of their sign changes.
    pub paths: Vec<Path>,
    /// Mean squares of the coefficient channels.
    pub coefficients: Vec<f64>,
}

impl LatentContent {
    /// Measures the posterior means of clips, each coded as one shot.
    ///
    /// # Errors
    /// If a clip is too short for the temporal paths.
    pub fn of(codec: &Codec, samples: &[Sample]) -> Result<Self> {
        let config = codec.model.config();
        let all = samples
            .iter()
            .map(|sample| {
                let clip = &sample.clip;
                measure(config, codec.encode(clip, &codec.as_one_shot(clip))?)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            bands: bands(&all),
            paths: paths(&all),
            coefficients: mean_squares(all.iter().map(|m| &m.groups), config.channels()),
        })
    }

    /// All of it.
    pub fn to_json(&self) -> Value {
        json!({
            "bands": self.bands.iter().map(Band::to_json).collect::<Vec<_>>(),
            "paths": self.paths.iter().map(Path::to_json).collect::<Vec<_>>(),
        })
    }
}

fn measure(config: &ModelConfig, latent: Tensor<5>) -> Result<Measured> {
    let (volume, shape) = volume(haar3d(moving(config, latent.clone())?, config.constants()))?;
    Ok(Measured {
        bands: Energy::of(&volume, shape, config.channels())?,
        rho: Autocorrelation::of(&volume, shape, config.channels())?,
        groups: groups(config, latent)?,
    })
}

/// Energy of the 32 Multi-WT groups of a latent `[1, C, T', H', W']`, channel by channel.
pub(crate) fn groups(config: &ModelConfig, latent: Tensor<5>) -> Result<Energy> {
    let (volume, shape) = volume(multi_wt(moving(config, latent)?, config.constants()))?;
    Ok(Energy::of(&volume, shape, config.channels())?)
}

/// The latent frames that compression works on.
fn moving(config: &ModelConfig, latent: Tensor<5>) -> Result<Tensor<5>> {
    let frames = config.compressed_frames(latent.dims()[2]);
    if frames.len() < GROUP {
        bail!(
            "the clips are too short: the temporal paths need {GROUP} latent frames, and there are {}; \
             raise --frames",
            frames.len()
        );
    }
    Ok(latent.narrow(2, frames.start, frames.len()))
}

fn volume(coefficients: Tensor<5>) -> Result<(Vec<f32>, CoefficientShape)> {
    let [_, channels, frames, height, width] = coefficients.dims();
    let shape = CoefficientShape {
        channels,
        frames,
        height,
        width,
    };
    Ok((values(coefficients)?, shape))
}

/// A band's figures over all clips.
pub struct Band {
    /// Its name.
    pub letters: String,
    /// Mean square.
    energy: f64,
    /// Share of a clip's energy.
    pub share: f64,
    /// Mean over channels, then over the clips for which it is defined.
    pub rho: Option<f64>,
    /// The same for every channel.
    channels: Vec<Option<f64>>,
}

/// A temporal path's figures over all clips.
pub struct Path {
    /// Its name.
    pub letters: String,
    /// Sign changes over 8 frames.
    pub sequency: usize,
    /// Share of a clip's energy, 0 to 1.
    pub share: f64,
    /// Shares of its spatial bands, in their order.
    spatial: Vec<f64>,
}

fn bands(all: &[Measured]) -> Vec<Band> {
    let band = |band: SpatioTemporalBand| {
        let b = band.index();
        let channels = all.first().map_or(0, |m| m.rho.rho[b].len());
        Band {
            letters: band.letters(),
            energy: mean(all.iter().map(|m| m.bands.band_means()[b])),
            share: mean(all.iter().map(|m| m.bands.band_shares()[b])),
            rho: mean_of_defined(all.iter().map(|m| m.rho.band_means()[b])),
            channels: (0..channels)
                .map(|c| mean_of_defined(all.iter().map(|m| m.rho.rho[b][c])))
                .collect(),
        }
    };
    SpatioTemporalBand::all().map(band).collect()
}

fn paths(all: &[Measured]) -> Vec<Path> {
    let path = |path: TemporalPath| {
        let share = |spatial| {
            let group = Group { path, spatial }.index();
            mean(all.iter().map(|m| m.groups.band_shares()[group]))
        };
        let spatial: Vec<f64> = SpatialBand::all().map(share).collect();
        Path {
            letters: path.letters(),
            sequency: path.sequency(),
            share: spatial.iter().sum(),
            spatial,
        }
    };
    TemporalPath::by_sequency().into_iter().map(path).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_of_defined(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let defined: Vec<f64> = values.flatten().collect();
    (!defined.is_empty()).then(|| mean(defined.into_iter()))
}

impl Band {
    fn to_json(&self) -> Value {
        json!({
            "band": self.letters,
            "energy": self.energy,
            "energy_share": self.share,
            "autocorrelation": self.rho,
            "autocorrelation_of_channels": self.channels,
        })
    }
}

impl Path {
    fn to_json(&self) -> Value {
        let spatial = SpatialBand::all()
            .map(SpatialBand::letters)
            .zip(&self.spatial);
        let spatial: serde_json::Map<String, Value> = spatial
            .map(|(letters, share)| (letters, json!(share)))
            .collect();
        json!({
            "path": self.letters,
            "sequency": self.sequency,
            "energy_share": self.share,
            "energy_share_of_spatial_bands": spatial,
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    /// A causal model's latent whose first frame is loud and whose others are one constant.
    #[test]
    fn the_first_frame_stands_apart_and_shares_add_up() {
        let json = r#"{"_class_name": "LeanVAE", "latent_dim": 2, "mask": "none"}"#;
        let config = ModelConfig::from_json(json).unwrap();
        let device = Device::flex();
        let first = Tensor::<5>::full([1, 2, 1, 4, 4], 100.0, &device);
        let rest = Tensor::<5>::full([1, 2, 8, 4, 4], 1.0, &device);
        let measured = measure(&config, Tensor::cat(vec![first.clone(), rest], 2)).unwrap();
        let (bands, paths) = (bands(std::slice::from_ref(&measured)), paths(&[measured]));
        assert!((bands[0].share - 1.0).abs() < 1e-6 && bands[7].share.abs() < 1e-6);
        assert_eq!(bands[0].rho, None, "constant");
        assert_eq!(paths[0].sequency, 0);
        assert!((paths[0].share - 1.0).abs() < 1e-6);
        assert!(measure(&config, first).is_err());
        let four = Tensor::<5>::full([1, 2, 5, 4, 4], 1.0, &device);
        assert!(measure(&config, four).is_err(), "half a group");
    }
}
