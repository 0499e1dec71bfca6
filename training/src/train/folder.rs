//! A run's folder: which one, and what may be written there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dataset::Folder;
use files::remove_unfinished;

use super::args::TrainArgs;
use crate::checkpoint::{Checkpoint, path_in, step_of};
use crate::config::{Config, PRESET_FOR_CLIPS, Schedule};

/// Where runs go if no folder is named.
const RUNS: &str = "runs";
const PRESET_FOR_SCENES: &str = "tiny";

/// A run's folder.
pub(crate) struct RunFolder {
    pub(crate) path: PathBuf,
    resume: bool,
}

impl RunFolder {
    /// The folder named, else `runs/NAME`: the first that is free, or with `--resume` the last
    /// that is taken.
    ///
    /// # Errors
    /// If the folder holds a run and `--resume` is missing, or the other way round.
    pub(crate) fn choose(args: &TrainArgs) -> Result<Self> {
        let path = match &args.out {
            Some(path) => path.clone(),
            None => numbered(&base_config(args)?.name, args.resume),
        };
        let folder = Self {
            path,
            resume: args.resume,
        };
        let shown = folder.path.display();
        if args.resume && !path_in(&folder.path).is_file() {
            bail!("there is no checkpoint in {shown} to resume; leave out --resume to start a run");
        }
        if !args.resume && holds_run(&folder.path) {
            bail!(
                "{shown} already holds a run; add --resume to continue it or choose another --out"
            );
        }
        Ok(folder)
    }

    /// The run's config: what the arguments say, else, when resuming, what the run was started
    /// with; then what single arguments override.
    pub(crate) fn config(&self, args: &TrainArgs) -> Result<Config> {
        let started = if self.resume {
            Some(Config::read(&self.config_file())?)
        } else {
            None
        };
        let named = args.config.is_some() || args.preset.is_some();
        let mut config = match &started {
            Some(started) if !named => started.clone(),
            _ => base_config(args)?,
        };
        config.steps = args.steps.unwrap_or(config.steps);
        if let Some(decay) = args.decay {
            self.begin_decay(&mut config, decay)?;
        }
        if let Some(started) = started {
            if config.data.folders.is_empty() {
                config.data.folders = started.data.folders;
            }
            if config.steps != started.steps {
                let (from, to) = (started.steps, config.steps);
                eprintln!("note: the schedule now runs over {to} steps instead of {from}");
            }
        }
        config.seed = args.seed.unwrap_or(config.seed);
        if args.init.is_some() {
            config.init = args.init.clone();
        }
        override_perceptual(&mut config, args)?;
        if !args.data.is_empty() {
            let folder = |path: &PathBuf| Folder {
                path: path.clone(),
                weight: 1.0,
            };
            config.data.folders = args.data.iter().map(folder).collect();
        }
        if let Some(gpus) = args.gpus.filter(|_| !self.resume) {
            // A batch for each GPU at least, and as many for one as for another.
            let batches = &mut config.optimiser.accumulate;
            *batches = batches.next_multiple_of(gpus);
        }
        config.check()?;
        Ok(config)
    }

    /// From the newest checkpoint on, the rate of a stable run falls over so many steps.
    fn begin_decay(&self, config: &mut Config, steps: u64) -> Result<()> {
        if config.optimiser.schedule != Schedule::Stable {
            bail!(
                "--decay is for runs with optimiser.schedule = \"stable\"; a cosine falls anyway"
            );
        }
        let step = step_of(&path_in(&self.path))?;
        config.optimiser.decay_from = Some(step);
        config.steps = step + steps;
        Ok(())
    }

    /// The checkpoint to continue from, if any.
    ///
    /// # Errors
    /// If it cannot be read or is of another config.
    pub(crate) fn saved(&self, config: &Config) -> Result<Option<Checkpoint>> {
        if !self.resume {
            return Ok(None);
        }
        let checkpoint = Checkpoint::load(&path_in(&self.path))?;
        checkpoint.check(&config.fingerprint()?)?;
        Ok(Some(checkpoint))
    }

    /// Makes the folder and sees that it can be written to.
    pub(crate) fn create(&self) -> Result<()> {
        let failed = || {
            format!(
                "the folder {} cannot be written to; choose another --out",
                self.path.display()
            )
        };
        fs::create_dir_all(&self.path).with_context(failed)?;
        remove_unfinished(&self.path).with_context(failed)?;
        tempfile::NamedTempFile::new_in(&self.path).with_context(failed)?;
        Ok(())
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.path.join("log.jsonl")
    }

    /// Pictures of held-out clips and their reconstructions.
    pub(crate) fn filmstrips(&self) -> PathBuf {
        self.path.join("strips")
    }

    /// Decoded frames, shared by the runs of one parent folder.
    pub(crate) fn cache(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join("cache")
    }
}

/// Files of the perceptual loss, or none of it, instead of the config's.
fn override_perceptual(config: &mut Config, args: &TrainArgs) -> Result<()> {
    if args.no_perceptual {
        config.loss.perceptual = None;
        return Ok(());
    }
    if args.perceptual.is_none() {
        return Ok(());
    }
    let Some(own) = &mut config.loss.perceptual else {
        bail!("the config has no perceptual loss; add [loss.perceptual] with backbone and weight");
    };
    // The run's config is read again from another folder.
    let absolute = |path: &Option<PathBuf>| path.as_ref().map(std::path::absolute).transpose();
    (own.file, own.heads) = (absolute(&args.perceptual)?, absolute(&args.lpips_heads)?);
    Ok(())
}

fn base_config(args: &TrainArgs) -> Result<Config> {
    match (&args.config, &args.preset) {
        (Some(path), _) => Config::read(path),
        (None, Some(name)) => Config::preset(name),
        (None, None) if args.data.is_empty() => Config::preset(PRESET_FOR_SCENES),
        (None, None) => Config::preset(PRESET_FOR_CLIPS),
    }
}

/// A run begins with its first checkpoint: one that was killed before it can be started anew.
fn holds_run(path: &Path) -> bool {
    path_in(path).exists()
}

/// `runs/NAME`, `runs/NAME-2`, ...: the first without a run, or the last with one.
fn numbered(name: &str, last_taken: bool) -> PathBuf {
    let nth = |n: usize| match n {
        1 => Path::new(RUNS).join(name),
        n => Path::new(RUNS).join(format!("{name}-{n}")),
    };
    let taken = (1..).take_while(|&n| holds_run(&nth(n))).count();
    nth(if last_taken { taken.max(1) } else { taken + 1 })
}
