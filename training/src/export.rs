//! What a run hands on: weights under the reference's names, their config, a model card; and
//! finding such a folder again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig, WeightFormat};

use crate::checkpoint::write_whole;
use crate::codec::Codec;

pub(crate) const WEIGHTS: &str = "model.safetensors";
pub(crate) const CONFIG: &str = "config.json";
pub(crate) const CARD: &str = "README.md";
/// The export's folder in a run's.
pub(crate) const FOLDER: &str = "export";
/// Where a model is looked for if none is named, best first.
const DEFAULTS: [&str; 2] = ["models/lean-lc32-energy", "runs/tiny"];

/// Writes weights, config and card into the run's folder `export`.
pub(crate) fn write(run: &Path, model: &Autoencoder, step: u64, card: &str) -> Result<PathBuf> {
    let folder = run.join(FOLDER);
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let weights = model.to_safetensors(WeightFormat::F32, &[("steps", step.to_string())])?;
    write_whole(&folder.join(WEIGHTS), &weights)?;
    write_whole(&folder.join(CONFIG), model.config().to_json().as_bytes())?;
    write_whole(&folder.join(CARD), card.as_bytes())?;
    Ok(folder)
}

/// Loads the model of a folder, an export or a run that has one, or of a weight file on its own.
pub(crate) fn read(folder: Option<&Path>, device: Device) -> Result<Codec> {
    let folder = match folder {
        Some(file) if file.is_file() => return Ok(Codec::new(load(None, file, &device)?, device)),
        Some(folder) => folder.to_owned(),
        None => default_folder()?,
    };
    let folder = if folder.join(CONFIG).exists() {
        folder
    } else {
        folder.join(FOLDER)
    };
    let (config, weights) = (folder.join(CONFIG), folder.join(WEIGHTS));
    let model = load(Some(&config), &weights, &device)?;
    Ok(Codec::new(model, device))
}

/// Loads a model from a config file and a weight file. Without a config, the weight file's own or
/// the one that its tensors suggest.
pub(crate) fn load(config: Option<&Path>, weights: &Path, device: &Device) -> Result<Autoencoder> {
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
