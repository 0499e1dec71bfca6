//! `import`: weights of the references' training or release files, as a model folder.
//!
//! Nothing is chosen or filled in silently: what the file holds, what was taken, renamed and made
//! is printed. Source: spec/wfvae.md 10 (checkpoints), spec/leanvae.md.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use codec::{Weights, read_weights};
use files::write_whole;
use safetensors::SafeTensors;
use vae::{Autoencoder, ModelConfig, WeightFormat, WeightsError};
use wavelet::Constants;

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// A file of the references: a checkpoint (.ckpt, .pth, .pt) or weights (.safetensors).
    pub(crate) file: PathBuf,
    /// The model's config, the reference's own JSON; without it, names and shapes of the weights
    /// tell the model.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The folder to write config.json and model.safetensors to.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    /// Which weights of a checkpoint that holds both.
    #[arg(long, value_enum)]
    pub(crate) weights: Option<Which>,
}

/// Which weights of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The running average.
    Ema,
    /// The last step's.
    Plain,
}

impl From<Which> for codec::Which {
    fn from(which: Which) -> Self {
        match which {
            Which::Ema => Self::Ema,
            Which::Plain => Self::Plain,
        }
    }
}

/// Names of the reference's Haar constants, which are no weights.
const HAAR: [&str; 2] = ["wavelet_transform", "temporal_processor."];

/// Runs `import`.
///
/// # Errors
/// If a file cannot be read, it is not said which of its weights are wanted, or they do not fit the
/// config.
pub(crate) fn import(args: &ImportArgs) -> Result<()> {
    let shown = args.file.display();
    let config = args.config.as_deref().map(read_config).transpose()?;
    let Weights { bytes, notes } = read_weights(&args.file, args.weights.map(Into::into))?;
    for note in notes {
        say!("{note}");
    }
    let file = SafeTensors::deserialize(&bytes)?;
    let haar = file
        .names()
        .into_iter()
        .filter(|name| is_haar(name))
        .count();
    match haar {
        0 => say!("no Haar constants in it: made from the config"),
        count => say!("{count} Haar constants in it: compared with the config's"),
    }
    let config = match config {
        Some(config) => config,
        None => recognised(&bytes).with_context(|| shown.to_string())?,
    };
    let model = Autoencoder::load(&config, &bytes, &Device::flex())
        .inspect_err(list_misfits)
        .with_context(|| shown.to_string())?;
    say!(
        "mask: {}; Haar constants: {}",
        config.mask().label(),
        match config.constants() {
            Constants::Exact => "exact",
            Constants::Reference => "the references', rounded",
        }
    );
    let folder = &args.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let weights = model.to_safetensors(WeightFormat::F32, &[])?;
    write_whole(&folder.join(codec::WEIGHTS), &weights)?;
    write_whole(&folder.join(codec::CONFIG), config.to_json().as_bytes())?;
    say!(
        "{} tensors written to {}",
        file.len() - haar,
        folder.display()
    );
    Ok(())
}

fn read_config(path: &Path) -> Result<ModelConfig> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).with_context(|| format!("the config {shown} cannot be read"))?;
    ModelConfig::from_json(&text).with_context(|| shown.to_string())
}

fn recognised(weights: &[u8]) -> Result<ModelConfig> {
    let config = ModelConfig::of_weights(weights)?;
    say!(
        "no config given; names and shapes are those of this one, as far as they tell:\n{}",
        config.to_json().trim_end()
    );
    Ok(config)
}

/// The error itself names the first few only.
fn list_misfits(error: &WeightsError) {
    if let WeightsError::Misfit(differences) = error {
        for difference in differences {
            say!("{difference}");
        }
    }
}

fn is_haar(name: &str) -> bool {
    HAAR.iter().any(|part| name.contains(part))
}
