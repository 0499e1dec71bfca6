//! `export`: a run's model as it is now, finished or not.

use std::path::PathBuf;

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::Args;
use files::FolderLock;

use crate::checkpoint::Checkpoint;
use crate::config::{BackboneName, Config};
use crate::export;
use crate::train::Trainer;
use crate::train::card;

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The run's folder.
    run: PathBuf,
}

/// Runs `export`: writes the averaged weights of a run's newest checkpoint, their config and a card
/// into the run's folder `export`.
///
/// # Errors
/// If there is no checkpoint, or another process trains in the folder.
pub(crate) fn export(args: &ExportArgs) -> Result<()> {
    let run = &args.run;
    let config = Config::read(&run.join("config.toml"))
        .with_context(|| format!("{} holds no run", run.display()))?;
    let _lock = FolderLock::take(run)?;
    let saved = Checkpoint::load_newest(run)?;
    let data = saved.progress.data.clone();
    let trainer = Trainer::resume(&config, &Device::flex(), &saved, data, None)?;
    let perceptual = config.loss.perceptual.as_ref();
    let card = card::write(&card::Facts {
        config: &config,
        progress: &trainer.progress,
        device: "not told",
        data: &folders(&config),
        parameters: trainer.parameters(),
        perceptual: perceptual.map(|own| BackboneName::full(own.backbone).to_owned()),
        scores: &[],
    })?;
    let step = trainer.progress.step;
    let folder = export::write(run, &trainer.average(), step, &card)?;
    say!(
        "exported to {}, after step {step} of {}",
        folder.display(),
        config.steps
    );
    Ok(())
}

/// The names of the folders that were trained on.
fn folders(config: &Config) -> String {
    let names = config
        .data
        .folders
        .iter()
        .filter_map(|folder| folder.path.file_name());
    let names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if names.is_empty() {
        "synthetic scenes".to_owned()
    } else {
        names.join(", ")
    }
}
