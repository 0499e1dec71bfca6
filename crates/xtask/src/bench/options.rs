//! What the measurement is told.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

/// How to measure training.
#[derive(Args)]
pub(crate) struct Train {
    /// The trainer's presets to measure
    #[arg(long, num_args = 1.., default_values = ["tiny", "lc16-c8", "lean-lc8"])]
    pub(super) preset: Vec<String>,
    /// Steps to measure in each process, after two that are not counted
    #[arg(long, default_value_t = 5)]
    pub(super) steps: usize,
    /// Processes of each side, by turns
    #[arg(long, default_value_t = 3)]
    pub(super) rounds: usize,
    /// Windows in a step, instead of the preset's
    #[arg(long)]
    pub(super) batch: Option<usize>,
    /// Height and width of a window, instead of the preset's
    #[arg(long)]
    pub(super) size: Option<usize>,
    /// Threads of the CPU, the same on both sides [default: all cores]
    #[arg(long)]
    pub(super) threads: Option<NonZeroUsize>,
    /// The device of both sides
    #[arg(long, value_enum, default_value = "cpu")]
    pub(super) device: Device,
    /// A Python that has PyTorch and safetensors
    #[arg(long, default_value = "python3")]
    pub(super) python: String,
}

/// Where both sides compute.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Device {
    Cpu,
    Cuda,
}

impl Device {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

impl Train {
    pub(super) fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(cores, usize::from)
    }
}
