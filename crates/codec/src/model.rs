//! Where a model's files are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig};

use crate::codec::Codec;
use crate::weights::{index_in, read_weights};

/// The weights in a model's folder.
pub const WEIGHTS: &str = "model.safetensors";
/// The config beside them.
pub const CONFIG: &str = "config.json";
/// The model card beside them.
pub const CARD: &str = "README.md";
/// The model's folder in a run's.
pub const EXPORT: &str = "export";
/// The newest checkpoint in a run's folder.
pub const CHECKPOINT: &str = "checkpoint.safetensors";
/// The weights in a model's folder as the diffusers library names them.
const DIFFUSERS: &str = "diffusion_pytorch_model.safetensors";
/// Where a model is looked for if none is named, best first.
const DEFAULTS: [&str; 2] = ["models/lean-lc32-energy", "runs/tiny"];

/// A model's folder, a run's, a checkpoint or a weight file: what is named, else where models
/// usually lie.
///
/// # Errors
/// If nothing is named and there is none.
pub fn named_or_default(model: Option<&Path>) -> Result<PathBuf> {
    if let Some(model) = model {
        return Ok(model.to_owned());
    }
    let found = DEFAULTS
        .iter()
        .map(PathBuf::from)
        .find(|folder| folder.is_dir());
    let Some(folder) = found else {
        bail!("there is no model here; train one with `trainer train`, or name one with --model");
    };
    Ok(folder)
}

/// Loads the model of a folder (a model's, or a run's with an export or a checkpoint), of a
/// checkpoint (its averaged weights) or of a weight file.
///
/// # Errors
/// If there is none, or its files cannot be read or do not fit each other.
pub fn open(model: &Path, device: Device) -> Result<Codec> {
    let (config, weights) = find(model)?;
    let model = load(config.as_deref(), &weights, &device)?;
    Ok(Codec::new(model, device))
}

/// The config, where it is not in the weights themselves, and the weights.
fn find(model: &Path) -> Result<(Option<PathBuf>, PathBuf)> {
    if model.is_file() {
        return Ok((None, model.to_owned()));
    }
    for folder in [model, &model.join(EXPORT)] {
        let config = folder.join(CONFIG);
        if config.is_file() {
            return Ok((Some(config), weights_in(folder)));
        }
    }
    let checkpoint = model.join(CHECKPOINT);
    if !checkpoint.is_file() {
        bail!(
            "there is no model in {}; name a model's folder, a run's, a checkpoint or a weight file",
            model.display()
        );
    }
    Ok((None, checkpoint))
}

/// The weights of a folder that has a config.
fn weights_in(folder: &Path) -> PathBuf {
    let files = [WEIGHTS, DIFFUSERS].map(|name| folder.join(name));
    let present = files.into_iter().find(|file| file.is_file());
    let pieces = || index_in(folder);
    present
        .or_else(pieces)
        .unwrap_or_else(|| folder.join(WEIGHTS))
}

/// Loads a model from a config file and a weight file. Without a config, the weight file's own or
/// the one that its tensors suggest.
///
/// # Errors
/// If a file cannot be read, or the weights do not fit the config.
pub fn load(config: Option<&Path>, weights: &Path, device: &Device) -> Result<Autoencoder> {
    let config = config.map(|path| {
        let text = fs::read_to_string(path)
            .with_context(|| format!("the model file {} cannot be read", path.display()))?;
        ModelConfig::from_json(&text).with_context(|| path.display().to_string())
    });
    let config = config.transpose()?;
    let shown = || weights.display().to_string();
    let bytes = read_weights(weights, None)?.bytes;
    let config = match config {
        Some(config) => config,
        None => ModelConfig::of_weights(&bytes).with_context(shown)?,
    };
    Autoencoder::load(&config, &bytes, device).with_context(shown)
}
