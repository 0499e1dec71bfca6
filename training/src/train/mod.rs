//! The training loop: from a config to an export, stopping and continuing anywhere.

mod adversary;
mod args;
mod attempt;
mod by_products;
pub(crate) mod card;
mod compression;
mod dry_run;
mod filmstrip;
mod folder;
mod generator;
mod initial_weights;
mod memory;
mod memory_limit;
mod metrics;
mod report;
mod rng_streams;
mod side_by_side;
mod state;
mod stop;
#[cfg(test)]
mod tests;
mod trained_networks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail, ensure};
use burn::tensor::Device;
use clap::ValueEnum;
use codec::{Codec, Reconstruction};
use dataset::{Dataset, HeldOut, Prefetch, Skipped};
use evaluation::{ClipScore, compare, mean};
use files::write_whole;

use crate::checkpoint::{Checkpoint, best_in};
use crate::config::{Config, Start};
use crate::decoding::Decoding;
use crate::device::{Chosen, choose, further};
use crate::export;
use crate::initialisation::principal;
use crate::losses::PerceptualLoss;
use crate::shell::command;
pub(crate) use args::TrainArgs;
use attempt::Replica;
use by_products::ByProducts;
use folder::RunFolder;
pub(crate) use initial_weights::read as read_initial_weights;
use report::Report;
pub(crate) use state::Trainer;
pub(crate) use stop::Interrupted;
use stop::Stop;

/// Runs `train`.
pub(crate) fn train(args: &TrainArgs) -> Result<()> {
    let stop = Stop::new(args.max_time)?;
    let mut folder = RunFolder::choose(args)?;
    let config = folder.config(args)?;
    let saved = folder.saved(&config)?;
    let chosen = choose(args.device)?;
    // What may be missing is asked for before clips are decoded and a large model is made.
    let perceptual = open_perceptual(&config, &chosen.device)?;
    let precision = config.optimiser.precision.dtype();
    ensure!(
        chosen.device.supports_dtype(precision),
        "{} does not compute in {precision:?}; set optimiser.precision to \"f32\"",
        chosen.name
    );
    let replicas = replicas(&config, &chosen, args.gpus.unwrap_or(1))?;
    let trial = args.dry_run.then(|| folder.trial()).transpose()?;
    if trial.is_some() {
        dry_run::show_config(&config, args)?;
    } else {
        folder.create()?;
        say!("run: {}", folder.path.display());
    }
    if !args.resume && args.config.is_none() && args.preset.is_none() {
        say!(
            "config: preset {} (another with --preset or --config)",
            config.name
        );
    }
    say!("device: {} ({})", chosen.name, chosen.reason);
    if !replicas.is_empty() {
        let (gpus, batches) = (1 + replicas.len(), config.optimiser.accumulate);
        say!("{gpus} GPUs share the {batches} batches of a step");
    }

    let mut cache = args.cache.clone().unwrap_or_else(|| folder.cache());
    if let Some(trial) = trial.as_ref().filter(|_| !cache.is_dir()) {
        cache = trial.path().join("cache");
    }
    let decoding = Decoding::new();
    let watch = |ready, of| decoding.show(ready, of) && !stop.interrupted();
    let dataset = config.dataset(&cache, &watch);
    if dataset.is_err() && stop.interrupted() {
        let advice = "stopped while clips were decoded; what is decoded is kept".to_owned();
        return Err(Error::new(Interrupted { advice }));
    }
    let dataset = Arc::new(dataset?);
    say!("data: {}", dataset.describe());
    print_skipped(&dataset.skipped);
    let trainer = start(&config, &chosen, &dataset, perceptual, saved.as_ref())?;
    let trainer = trainer.with_replicas(replicas);
    if let Some(trial) = trial {
        return dry_run::try_out(trainer, &dataset, &config, &chosen.device, trial.path());
    }
    write_whole(&folder.config_file(), config.to_toml()?.as_bytes())?;
    Session {
        folder,
        config,
        chosen,
        dataset,
        trainer,
        stop,
        by_products: ByProducts::default(),
        continued_by: continued_by(args),
    }
    .train()
}

/// What a further sitting is told again.
fn continued_by(args: &TrainArgs) -> Vec<String> {
    let mut arguments = Vec::new();
    let device = args.device.and_then(|kind| kind.to_possible_value());
    let cache = args.cache.as_ref().map(|path| path.display().to_string());
    for (name, value) in [
        ("--device", device.map(|kind| kind.get_name().to_owned())),
        ("--cache", cache),
        ("--gpus", args.gpus.map(|gpus| gpus.to_string())),
    ] {
        if let Some(value) = value {
            arguments.extend([name.to_owned(), value]);
        }
    }
    arguments
}

fn print_skipped(skipped: &[Skipped]) {
    if !skipped.is_empty() {
        note!("skipped {} files:", skipped.len());
    }
    for file in skipped {
        note!("  {file}");
    }
}

/// The GPUs beside the first.
fn replicas(config: &Config, chosen: &Chosen, gpus: u64) -> Result<Vec<Replica>> {
    let batches = config.optimiser.accumulate;
    ensure!(
        batches.is_multiple_of(gpus),
        "a step of this run has {batches} batches, which {gpus} GPUs cannot share evenly; \
         choose --gpus accordingly"
    );
    let replica = |device: Device| {
        Ok(Replica {
            perceptual: open_perceptual(config, &device)?,
            device,
        })
    };
    further(chosen, gpus)?.into_iter().map(replica).collect()
}

fn open_perceptual(config: &Config, device: &Device) -> Result<Option<PerceptualLoss>> {
    let device = device.clone().autodiff();
    let own = config.loss.perceptual.as_ref();
    own.map(|own| PerceptualLoss::open(own, config.data.size, &device))
        .transpose()
}

fn start(
    config: &Config,
    chosen: &Chosen,
    dataset: &Dataset,
    perceptual: Option<PerceptualLoss>,
    saved: Option<&Checkpoint>,
) -> Result<Trainer> {
    let Some(checkpoint) = saved else {
        let weights = match (&config.init, config.start) {
            (Some(path), _) => {
                let (weights, what) = initial_weights::read(path)?;
                say!("starting from {what}");
                Some(weights)
            }
            (None, Start::Principal) => Some(principal(config, dataset)?),
            (None, Start::Random) => None,
        };
        let data = dataset.fingerprint();
        return Trainer::fresh(config, &chosen.device, data, perceptual, weights.as_deref());
    };
    say!("continuing after step {}", checkpoint.progress.step);
    let data = dataset.fingerprint();
    if checkpoint.progress.data != data {
        note!("note: the clips are not the ones that the run was last trained on");
    }
    Trainer::resume(config, &chosen.device, checkpoint, data, perceptual)
}

/// One sitting at a run.
struct Session {
    folder: RunFolder,
    config: Config,
    chosen: Chosen,
    dataset: Arc<Dataset>,
    trainer: Trainer,
    stop: Stop,
    by_products: ByProducts,
    /// The arguments that were given and hold for the next sitting as well.
    continued_by: Vec<String>,
}

impl Session {
    fn train(mut self) -> Result<()> {
        let held_out = self.dataset.validation()?;
        let done = self.trainer.progress.step;
        let log = self.folder.log_file();
        let mut report = Report::open(&log, &self.config, &self.chosen.device, done)?;
        self.save()?;
        let accumulate = self.config.optimiser.accumulate;
        let batches = Prefetch::start(Arc::clone(&self.dataset), done * accumulate);
        let autosave = Duration::try_from_secs_f64(self.config.run.autosave_minutes * 60.0)
            .context("run.autosave_minutes is too long a time")?;
        let mut saved = Instant::now();
        while self.trainer.progress.step < self.config.steps && !self.stop.asked() {
            let waiting = Instant::now();
            let step_batches = (0..accumulate)
                .map(|_| batches.next())
                .collect::<Result<_>>()?;
            let waited = waiting.elapsed();
            let step = memory_limit::explained(&self.config, || self.trainer.step(step_batches))?;
            report.step(&self.trainer.progress, &step, waited);
            let progress = &self.trainer.progress;
            let skipped = progress.skipped_in_a_row;
            let skipped = skipped.max(progress.discriminator_skipped_in_a_row);
            if skipped >= self.config.run.max_skipped {
                self.save()?;
                bail!(
                    "the loss or its gradient was not finite for {skipped} steps in a row; \
                     lower optimiser.lr and start again"
                );
            }
            if self
                .trainer
                .progress
                .step
                .is_multiple_of(self.config.validation.every)
                && self.trainer.progress.step < self.config.steps
            {
                self.save()?;
                saved = Instant::now();
                let scores = self.validate(&held_out)?;
                report.validation(&self.trainer.progress, &scores);
                self.keep_best(&scores)?;
            }
            if saved.elapsed() >= autosave {
                self.save()?;
                saved = Instant::now();
            }
        }
        self.save()?;
        report.pause();
        self.finish(&held_out, &mut report)
    }

    fn save(&self) -> Result<()> {
        let checkpoint = self.trainer.checkpoint()?;
        checkpoint.save_in(&self.folder.path, self.config.run.keep_last)
    }

    /// Keeps the checkpoint if no validation was better so far.
    fn keep_best(&mut self, scores: &[ClipScore]) -> Result<()> {
        let psnr = mean(scores, |score| score.psnr);
        let progress = &mut self.trainer.progress;
        if !self.config.run.keep_best || progress.best.is_some_and(|best| best >= psnr) {
            return Ok(());
        }
        progress.best = Some(psnr);
        self.trainer.checkpoint()?.save(&best_in(&self.folder.path))
    }

    /// Figures of the averaged weights on clips that are not trained on, and a picture of them.
    fn validate(&mut self, held_out: &[HeldOut]) -> Result<Vec<ClipScore>> {
        let codec = Codec::new(self.trainer.average(), self.chosen.device.clone());
        let mask = codec
            .model
            .config()
            .mask()
            .build(codec.model.config().channels())?;
        let reconstructions: Vec<Reconstruction> = held_out
            .iter()
            .map(|held| codec.reconstruct(&held.clip, &codec.as_one_shot(&held.clip), &mask))
            .collect::<Result<_>>()?;
        let pairs = held_out.iter().zip(&reconstructions);
        let pictures: Vec<_> = pairs
            .clone()
            .map(|(held, made)| (&held.clip, &made.clip))
            .collect();
        let (folder, step) = (self.folder.filmstrips(), self.trainer.progress.step);
        let (filmstrip, video) = (
            filmstrip::write(&folder, step, &pictures),
            side_by_side::write(&folder, step, &pictures),
        );
        self.by_products.attempt("pictures", filmstrip);
        self.by_products.attempt("the video", video);
        pairs
            .map(|(held, made)| compare(&held.name, &held.clip, made))
            .collect()
    }

    fn finish(mut self, held_out: &[HeldOut], report: &mut Report) -> Result<()> {
        let scores = self.validate(held_out)?;
        report.validation(&self.trainer.progress, &scores);
        self.keep_best(&scores)?;
        self.save()?;
        let progress = &self.trainer.progress;
        ensure!(
            progress.updates > 0 || progress.step == 0,
            "nothing was learnt: the loss or its gradient was not finite in any of the {} steps; \
             lower optimiser.lr and start again",
            progress.step
        );
        let card = card::write(&card::Facts {
            config: &self.config,
            progress,
            device: &self.chosen.name,
            data: &format!(
                "{}; {} files skipped",
                self.dataset.describe(),
                self.dataset.skipped.len()
            ),
            parameters: self.trainer.parameters(),
            perceptual: self.trainer.perceptual_name(),
            scores: &scores,
        })?;
        let folder = export::write(
            &self.folder.path,
            &self.trainer.average(),
            progress.step,
            &card,
        )?;
        say!("exported to {}", folder.display());
        let (step, steps) = (progress.step, self.config.steps);
        if step == steps {
            return Ok(());
        }
        let path = self.folder.path.display().to_string();
        let arguments = ["train", "--resume", "--out", &path].map(str::to_owned);
        let again = command(arguments.into_iter().chain(self.continued_by));
        let advice = format!("stopped after step {step} of {steps}; continue with: {again}");
        if self.stop.interrupted() {
            return Err(Error::new(Interrupted { advice }));
        }
        say!("{advice}");
        Ok(())
    }
}
