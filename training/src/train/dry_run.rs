//! Everything tried once before a run, with nothing left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use dataset::Dataset;
use indicatif::DecimalBytes;

use super::args::TrainArgs;
use super::folder::base_config;
use super::memory;
use super::memory_limit::explained;
use super::state::Trainer;
use crate::checkpoint::Checkpoint;
use crate::config::{Config, flat, preset_text};

/// Shows the whole config, and for each value where it comes from.
pub(super) fn show_config(config: &Config, args: &TrainArgs) -> Result<()> {
    let base = base_config(args)?;
    let (source, text) = match &args.config {
        Some(path) => (path.display().to_string(), fs::read_to_string(path)?),
        None => {
            let text = preset_text(&base.name).unwrap_or_default();
            (format!("preset {}", base.name), text.to_owned())
        }
    };
    let (written, base) = (flat(&text)?, base.flat()?);
    for (key, value) in config.flat()? {
        let origin = origin(&key, &value, &base, &written, &source);
        say!("{key} = {value}    # {origin}");
    }
    Ok(())
}

fn origin<'a>(
    key: &str,
    value: &str,
    base: &BTreeMap<String, String>,
    written: &BTreeMap<String, String>,
    source: &'a str,
) -> &'a str {
    if base.get(key).is_none_or(|own| own != value) {
        "command line"
    } else if written.contains_key(key) {
        source
    } else {
        "default"
    }
}

/// Makes two steps, of which the second is timed, and writes and reads a checkpoint in a folder.
pub(super) fn try_out(
    mut trainer: Trainer,
    dataset: &Dataset,
    config: &Config,
    device: &Device,
    folder: &Path,
) -> Result<()> {
    say!("parameters: {:.3} M", trainer.parameters() as f64 / 1e6);
    let batches = config.optimiser.accumulate;
    let mut seconds = 0.0;
    for step in 0..2 {
        let own = (step * batches..(step + 1) * batches).map(|batch| dataset.batch(batch));
        let own = own.collect::<Result<_>>()?;
        let start = Instant::now();
        let report = explained(config, || trainer.step(own))?;
        seconds = start.elapsed().as_secs_f64();
        ensure!(
            report.metrics.all_finite(),
            "the loss or its gradient is not finite in step {}",
            step + 1
        );
    }
    let whole = humantime::format_duration(std::time::Duration::from_secs(
        (seconds * config.steps as f64) as u64,
    ));
    say!(
        "a step: {seconds:.2} s, so {} steps take about {whole}",
        config.steps
    );
    if let Some(bytes) = memory::in_use(device) {
        say!(
            "memory with a model, its gradients and optimiser: {}",
            DecimalBytes(bytes)
        );
    }
    let file = folder.join("checkpoint.safetensors");
    trainer.checkpoint()?.save(&file)?;
    let saved = Checkpoint::load(&file)?;
    ensure!(
        saved.progress == trainer.progress,
        "a checkpoint is not read as it was written"
    );
    let bytes = fs::metadata(&file).context("the checkpoint is gone")?.len();
    say!(
        "a checkpoint: {}, written and read again",
        DecimalBytes(bytes)
    );
    say!("nothing was left behind; leave out --dry-run to train");
    Ok(())
}
