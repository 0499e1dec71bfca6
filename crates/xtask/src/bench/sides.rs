//! The two programs that are measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::options::{Device, Train};
use super::table::{Difference, Record};
use crate::command::{cargo, output, program, root, run};

/// The trainer of this repository.
pub(super) struct Trainer<'a> {
    binary: PathBuf,
    train: &'a Train,
}

impl<'a> Trainer<'a> {
    /// Builds it.
    pub(super) fn build(train: &'a Train) -> Result<Self> {
        let mut build = cargo();
        build.args(["build", "--release", "-p", "trainer"]);
        // The GPU interfaces take twenty minutes to build.
        build.arg("--no-default-features");
        if train.device == Device::Cuda {
            build.args(["--features", "cuda"]);
        }
        run(&mut build)?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
        let binary = target.join("release/trainer");
        Ok(Self { binary, train })
    }

    fn bench(&self, preset: &str) -> Command {
        let mut command = program(&self.binary.to_string_lossy());
        command.env("RAYON_NUM_THREADS", self.train.threads().to_string());
        command.args(["bench", "--preset", preset]);
        command.args(["--device", self.train.device.name()]);
        for (option, value) in [("--batch", self.train.batch), ("--size", self.train.size)] {
            if let Some(value) = value {
                command.args([option, &value.to_string()]);
            }
        }
        command
    }

    /// Writes what the other side needs to repeat some steps, from these weights or fresh ones.
    pub(super) fn write_case(
        &self,
        preset: &str,
        weights: Option<&Path>,
        case: &Path,
    ) -> Result<()> {
        let mut command = self.bench(preset);
        if let Some(weights) = weights {
            command.arg("--init").arg(weights);
        }
        run(command.arg("--case").arg(case))
    }

    /// Times of a process of its own.
    pub(super) fn measure(&self, preset: &str) -> Result<Record> {
        let steps = self.train.steps.to_string();
        said(self.bench(preset).args(["--json", "--steps", &steps]))
    }
}

/// The same in PyTorch: training/peer.
pub(super) struct Peer<'a> {
    train: &'a Train,
}

#[derive(Deserialize)]
struct Differences {
    differences: Vec<Difference>,
}

impl<'a> Peer<'a> {
    /// Looks for PyTorch.
    ///
    /// # Errors
    /// If the Python that was named, or `python3`, does not have it.
    pub(super) fn find(train: &'a Train) -> Result<Self> {
        let mut import = program(&train.python);
        let Some(cuda) = output(import.args([
            "-c",
            "import safetensors.torch, torch; print(torch.cuda.is_available())",
        ])) else {
            bail!(
                "`{}` has no PyTorch; get it with `pip install torch safetensors numpy`, or name a \
                 Python that has it with --python",
                train.python
            );
        };
        ensure!(
            train.device == Device::Cpu || cuda == "True",
            "the PyTorch of `{}` finds no CUDA device",
            train.python
        );
        Ok(Self { train })
    }

    fn bench(&self, case: &Path) -> Command {
        let threads = self.train.threads().to_string();
        let mut command = program(&self.train.python);
        command
            .env("OMP_NUM_THREADS", &threads)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("training/peer/bench.py")
            .arg(case)
            .args(["--threads", &threads])
            .args(["--device", self.train.device.name()]);
        command
    }

    /// How far its numbers are from the trainer's in a case.
    pub(super) fn differences(&self, case: &Path) -> Result<Vec<Difference>> {
        let said: Differences = said(self.bench(case).arg("--check"))?;
        Ok(said.differences)
    }

    /// Times of a process of its own.
    pub(super) fn measure(&self, case: &Path) -> Result<Record> {
        let steps = self.train.steps.to_string();
        said(self.bench(case).args(["--steps", &steps]))
    }
}

/// The JSON that a program prints as its last line.
fn said<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("`{name}` could not be started"))?;
    ensure!(done.status.success(), "`{name}` failed ({})", done.status);
    let text = String::from_utf8_lossy(&done.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("`{name}` printed no figures"))
}
