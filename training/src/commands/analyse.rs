//! `analyse`: what a model's latent is made of, over a folder of clips.
//!
//! Bands are those of one 3-D Haar step of the latent, as in the paper's figures; paths are those of
//! the Multi-WT, in the order of their true frequency. Latent frames that compression leaves out, such
//! as a causal model's first, are left out.

use std::fs;

use analysis::{Autocorrelation, CoefficientShape, Energy};
use anyhow::{Context, Result, bail};
use burn::tensor::Tensor;
use serde_json::{Value, json};
use vae::{GROUP, ModelConfig};
use wavelet::{Group, SpatialBand, SpatioTemporalBand, TemporalPath, haar3d, multi_wt};

use super::footage::{Sample, usable};
use super::strongest::{mean_squares, strongest};
use crate::checkpoint::write_whole;
use crate::cli::AnalyseArgs;
use crate::codec::{Codec, values};
use crate::device::choose;
use crate::export;
use crate::report::bars;

/// A clip's latent, measured.
struct Measured {
    bands: Energy,
    rho: Autocorrelation,
    groups: Energy,
}

/// Runs `analyse`: writes `analysis.json` and three figures.
pub(crate) fn analyse(args: &AnalyseArgs) -> Result<()> {
    let chosen = choose(args.model.device)?;
    let codec = export::read(args.model.model.as_deref(), chosen.device)?;
    let samples = usable(&args.data, &args.cut)?;
    let config = codec.model.config();
    let content = LatentContent::of(&codec, &samples)?;
    let folder = &args.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let mut record = content.to_json();
    record["model"] = serde_json::from_str(&config.to_json())?;
    record["clips"] = samples.iter().map(|sample| sample.name.as_str()).collect();
    record["method"] = json!(format!(
        "{}, posterior mean, figures averaged over clips",
        args.cut.describe()
    ));
    write_whole(
        &folder.join("analysis.json"),
        format!("{record:#}\n").as_bytes(),
    )?;
    for (name, figure) in figures(&content.bands, &content.paths) {
        write_whole(&folder.join(name), figure.as_bytes())?;
    }
    print!("{}", table(&content.bands, &content.paths));
    if let Some(share) = args.keep {
        let channels = strongest(&content.coefficients, share);
        println!("\nmask = {{ channels = {channels:?} }}");
    }
    println!("\nwritten to {}", folder.display());
    Ok(())
}

/// What a model's latents of some clips are made of.
pub(super) struct LatentContent {
    pub(super) bands: Vec<Band>,
    pub(super) paths: Vec<Path>,
    /// Mean squares of the coefficient channels.
    coefficients: Vec<f64>,
}

impl LatentContent {
    pub(super) fn of(codec: &Codec, samples: &[Sample]) -> Result<Self> {
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

    pub(super) fn to_json(&self) -> Value {
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
pub(super) fn groups(config: &ModelConfig, latent: Tensor<5>) -> Result<Energy> {
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
pub(super) struct Band {
    pub(super) letters: String,
    /// Mean square.
    energy: f64,
    /// Share of a clip's energy.
    pub(super) share: f64,
    /// Mean over channels, then over the clips for which it is defined.
    pub(super) rho: Option<f64>,
    /// The same for every channel.
    channels: Vec<Option<f64>>,
}

/// A temporal path's figures over all clips.
pub(super) struct Path {
    pub(super) letters: String,
    pub(super) sequency: usize,
    pub(super) share: f64,
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

fn figures(bands: &[Band], paths: &[Path]) -> [(&'static str, String); 3] {
    let energy = bands
        .iter()
        .map(|b| (b.letters.clone(), Some(100.0 * b.share)));
    let rho = bands.iter().map(|b| (b.letters.clone(), b.rho));
    let path = paths.iter();
    let path = path.map(|p| {
        (
            format!("{} ({})", p.letters, p.sequency),
            Some(100.0 * p.share),
        )
    });
    [
        (
            "band-energy.svg",
            bars(
                "Energy of the latent's bands (time, height, width), %",
                energy.collect(),
            ),
        ),
        (
            "band-autocorrelation.svg",
            bars("Lag-1 autocorrelation of the latent's bands", rho.collect()),
        ),
        (
            "path-energy.svg",
            bars(
                "Energy of the temporal paths (sign changes), %",
                path.collect(),
            ),
        ),
    ]
}

fn table(bands: &[Band], paths: &[Path]) -> String {
    let mut text = "| band | energy | autocorrelation |\n|---|---|---|\n".to_owned();
    for band in bands {
        let rho = band.rho.map_or(String::new(), |rho| format!("{rho:.3}"));
        text.push_str(&format!(
            "| {} | {:.2} % | {rho} |\n",
            band.letters,
            100.0 * band.share
        ));
    }
    text.push_str("\n| path | sign changes | energy |\n|---|---|---|\n");
    for path in paths {
        let share = 100.0 * path.share;
        text.push_str(&format!(
            "| {} | {} | {share:.2} % |\n",
            path.letters, path.sequency
        ));
    }
    text
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
