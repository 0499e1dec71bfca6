//! What devices can do.

use std::path::PathBuf;

use clap::Args;

use crate::device::DeviceKind;

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Largest difference allowed, as a share of the largest value.
    #[arg(long, default_value_t = 1e-3)]
    pub(crate) limit: f64,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BenchArgs {
    /// Built-in configs to measure.
    #[arg(long, num_args = 1.., default_values = ["tiny", "lc16-c8", "lean-lc8"])]
    pub(crate) preset: Vec<String>,
    /// Windows in a step, instead of the config's.
    #[arg(long)]
    pub(crate) batch: Option<usize>,
    /// Height and width of a window, instead of the config's.
    #[arg(long)]
    pub(crate) size: Option<usize>,
    /// Steps to measure.
    #[arg(long, default_value_t = 5)]
    pub(crate) steps: u64,
    /// Weights to start from: a run, a model's folder or a file [default: random ones].
    #[arg(long)]
    pub(crate) init: Option<PathBuf>,
    /// Print one line of JSON for each config instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure nothing; write three steps of one config to this folder, for training/peer to repeat.
    #[arg(long, conflicts_with_all = ["json", "steps"])]
    pub(crate) case: Option<PathBuf>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

#[derive(Args, Debug)]
pub(crate) struct CostArgs {
    /// Model configs (JSON), or folders with a config.json.
    #[arg(long, required = true, num_args = 1..)]
    pub(crate) config: Vec<PathBuf>,
    /// Frames of the clip.
    #[arg(long, default_value_t = 17)]
    pub(crate) frames: usize,
    /// Height and width of the clip, in pixels.
    #[arg(long, default_value_t = 256)]
    pub(crate) size: usize,
    /// Also run each model once, with random weights, and say how long it takes.
    #[arg(long)]
    pub(crate) time: bool,
    /// The device to time, instead of the best one present.
    #[arg(long, value_enum, requires = "time")]
    pub(crate) device: Option<DeviceKind>,
}
