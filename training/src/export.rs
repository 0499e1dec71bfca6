//! What a run hands on: weights under the reference's names, their config, a model card.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use codec::{CARD, CONFIG, EXPORT, WEIGHTS, check_finite};
use files::write_whole;
use vae::{Autoencoder, WeightFormat};

/// Writes weights, config and card into the run's folder `export`.
pub(crate) fn write(run: &Path, model: &Autoencoder, step: u64, card: &str) -> Result<PathBuf> {
    let folder = run.join(EXPORT);
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let weights = model.to_safetensors(WeightFormat::F32, &[("steps", step.to_string())])?;
    check_finite(&weights).context("the model cannot be exported")?;
    write_whole(&folder.join(WEIGHTS), &weights)?;
    write_whole(&folder.join(CONFIG), model.config().to_json().as_bytes())?;
    write_whole(&folder.join(CARD), card.as_bytes())?;
    Ok(folder)
}
