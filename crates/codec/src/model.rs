//! Where a model's files are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig};

use crate::codec::Codec;

/// The weights in a model's folder.
pub const WEIGHTS: &str = "model.safetensors";
/// The config beside them.
pub const CONFIG: &str = "config.json";
/// The model card beside them.
pub const CARD: &str = "README.md";
/// The model's folder in a run's.
pub const EXPORT: &str = "export";
/// Where a model is looked for if none is named, best first.
const DEFAULTS: [&str; 2] = ["models/lean-lc32-energy", "runs/tiny"];

/// Loads the model of a folder, an export or a run that has one, or of a weight file on its own.
/// Without a name, of a folder where models usually lie.
///
/// # Errors
/// If there is none, or its files cannot be read or do not fit each other.
pub fn open(folder: Option<&Path>, device: Device) -> Result<Codec> {
    let folder = match folder {
        Some(file) if file.is_file() => return Ok(Codec::new(load(None, file, &device)?, device)),
        Some(folder) => folder.to_owned(),
        None => default_folder()?,
    };
    let folder = if folder.join(CONFIG).exists() {
        folder
    } else {
        folder.join(EXPORT)
    };
    let (config, weights) = (folder.join(CONFIG), folder.join(WEIGHTS));
    let model = load(Some(&config), &weights, &device)?;
    Ok(Codec::new(model, device))
}

/// Loads a model from a config file and a weight file. Without a config, the weight file's own or
/// the one that its tensors suggest.
///
/// # Errors
/// If a file cannot be read, or the weights do not fit the config.
pub fn load(config: Option<&Path>, weights: &Path, device: &Device) -> Result<Autoencoder> {
    let unreadable = |path: &Path| format!("the model file {} cannot be read", path.display());
    let bytes = || fs::read(weights).with_context(|| unreadable(weights));
    let (config, bytes) = match config {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| unreadable(path))?;
            let config =
                ModelConfig::from_json(&text).with_context(|| path.display().to_string())?;
            (config, bytes()?)
        }
        None => {
            let bytes = bytes()?;
            let config = ModelConfig::of_weights(&bytes);
            (
                config.with_context(|| weights.display().to_string())?,
                bytes,
            )
        }
    };
    Autoencoder::load(&config, &bytes, device).with_context(|| weights.display().to_string())
}

fn default_folder() -> Result<PathBuf> {
    let found = DEFAULTS
        .iter()
        .map(PathBuf::from)
        .find(|folder| folder.is_dir());
    let Some(folder) = found else {
        bail!("there is no model here; train one with `trainer train`, or name one with --model");
    };
    Ok(folder)
}
