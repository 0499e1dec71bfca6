//! A run's folder: which one, and what may be written there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use dataset::Folder;
use files::{FolderLock, remove_unfinished};
use tempfile::TempDir;

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
    /// Nobody else trains there. New runs take it when they make the folder.
    lock: Option<FolderLock>,
}

impl RunFolder {
    /// The folder named, else for a new run the first free one of `runs/NAME`, `runs/NAME-2`, ...,
    /// and with `--resume` the only run in `runs`.
    ///
    /// # Errors
    /// If the folder holds a run and `--resume` is missing, or the other way round; if another
    /// process trains in it; if it is not clear which run is meant.
    pub(crate) fn choose(args: &TrainArgs) -> Result<Self> {
        let path = match &args.out {
            Some(path) => path.clone(),
            None if args.resume => only_run()?,
            None => first_free(&base_config(args)?.name),
        };
        let shown = path.display();
        if args.resume && !path_in(&path).is_file() {
            bail!("there is no checkpoint in {shown} to resume; leave out --resume to start a run");
        }
        if !args.resume && holds_run(&path) {
            bail!(
                "{shown} already holds a run; add --resume to continue it or choose another --out"
            );
        }
        let lock = args.resume.then(|| FolderLock::take(&path)).transpose()?;
        Ok(Self {
            path,
            resume: args.resume,
            lock,
        })
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
        for setting in &args.set {
            config = config.with(setting)?;
        }
        config.steps = args.steps.unwrap_or(config.steps);
        if let Some(steps) = args.steps.filter(|_| self.resume) {
            let done = step_of(&path_in(&self.path))?;
            ensure!(
                steps >= done,
                "the run has done {done} steps; --steps {steps} asks for fewer in all"
            );
        }
        if let Some(decay) = args.decay {
            self.begin_decay(&mut config, decay)?;
        }
        if let Some(started) = started {
            if config.data.folders.is_empty() {
                config.data.folders = started.data.folders;
            }
            if config.steps != started.steps {
                let (from, to) = (started.steps, config.steps);
                note!("note: the schedule now runs over {to} steps instead of {from}");
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
        // The run's config is read again in another folder.
        let folders = config
            .data
            .folders
            .iter_mut()
            .map(|folder| &mut folder.path);
        for path in folders.chain(&mut config.init) {
            *path = std::path::absolute(&path)?;
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
        let checkpoint = Checkpoint::load_newest(&self.path)?;
        if checkpoint.progress.config != config.fingerprint()? {
            let started = Config::read(&self.config_file())?;
            let differences = started.differences(config)?;
            ensure!(
                !differences.is_empty(),
                "{} was changed since the run began; undo that to continue the run",
                self.config_file().display()
            );
            bail!(
                "the run was started with another config: {}; leave that as it was, or choose \
                 another --out",
                differences.join(", ")
            );
        }
        Ok(Some(checkpoint))
    }

    /// Makes the folder and sees that it can be written to.
    pub(crate) fn create(&mut self) -> Result<()> {
        let failed = || {
            format!(
                "the folder {} cannot be written to; choose another --out",
                self.path.display()
            )
        };
        fs::create_dir_all(&self.path).with_context(failed)?;
        tempfile::NamedTempFile::new_in(&self.path).with_context(failed)?;
        if self.lock.is_none() {
            self.lock = Some(FolderLock::take(&self.path)?);
        }
        remove_unfinished(&self.path).with_context(failed)?;
        Ok(())
    }

    /// A folder on the same disk that is gone when it is dropped.
    pub(crate) fn trial(&self) -> Result<TempDir> {
        let whole = std::path::absolute(&self.path)?;
        let present = whole.ancestors().find(|folder| folder.is_dir());
        let folder = present.unwrap_or(Path::new("."));
        tempfile::tempdir_in(folder).with_context(|| {
            format!(
                "{} cannot be written to; choose another --out",
                folder.display()
            )
        })
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

/// The config that arguments name or imply.
pub(super) fn base_config(args: &TrainArgs) -> Result<Config> {
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

/// The first of `runs/NAME`, `runs/NAME-2`, ... that holds no run.
fn first_free(name: &str) -> PathBuf {
    let first = Path::new(RUNS).join(name);
    let others = (2..).map(|n| Path::new(RUNS).join(format!("{name}-{n}")));
    let mut all = std::iter::once(first.clone()).chain(others);
    all.find(|path| !holds_run(path)).unwrap_or(first)
}

/// The run in `runs`, if there is one only: none is guessed.
fn only_run() -> Result<PathBuf> {
    let entries = fs::read_dir(RUNS).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut runs: Vec<PathBuf> = paths.filter(|path| holds_run(path)).collect();
    runs.sort();
    match &runs[..] {
        [only] => Ok(only.clone()),
        [] => bail!("there is no run in {RUNS} to resume; name its folder with --out"),
        many => {
            let names: Vec<String> = many.iter().map(|run| run.display().to_string()).collect();
            bail!(
                "there are several runs to resume; name one with --out: {}",
                names.join(", ")
            )
        }
    }
}
