//! What `train` is told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::device::DeviceKind;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TrainArgs {
    /// A config file (TOML); see the presets in training/configs.
    #[arg(long, conflicts_with = "preset")]
    pub(crate) config: Option<PathBuf>,
    /// A config that is built in: tiny; wf16-c4, wf16-c8, wf16-c16, lc16-c8, lc16-c8-paper,
    /// lc16-c8-energy, lc16-c16-energy; lean-c4, lean-c8, lean-lc8, lean-lc8-25, lean-lc8-75,
    /// lean-lc8-paper, lean-lc8-energy; lean-c16, lean-c32, lean-lc32-energy; wan16-lc8; iv8-lc8;
    /// taehv8
    /// [default: lean-lc8 with --data, else tiny]. As published, for large GPUs: wf-stage1,
    /// wf-stage2, wf-stage3, lc-published, lean-published.
    #[arg(long)]
    pub(crate) preset: Option<String>,
    /// Give a field of the config another value, for example optimiser.lr=2e-3; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Try everything once and leave nothing behind: the config and where its values come from, the
    /// data, two steps, a checkpoint.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) dry_run: bool,
    /// Folders of video files, or of folders of pictures, to train on, instead of the config's.
    #[arg(long, num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// The run's folder [default: runs/NAME, numbered if it is taken].
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Where decoded frames are kept between runs [default: a folder `cache` beside the run's].
    #[arg(long)]
    pub(crate) cache: Option<PathBuf>,
    /// Training steps in all.
    #[arg(long)]
    pub(crate) steps: Option<u64>,
    /// Let the learning rate of a stable run fall over so many more steps, and end there.
    #[arg(long, requires = "resume", conflicts_with = "steps")]
    pub(crate) decay: Option<u64>,
    /// Save and stop after this long, for example 30m or 1h30m.
    #[arg(long, value_parser = humantime::parse_duration)]
    pub(crate) max_time: Option<Duration>,
    /// Continue the run in the run's folder from its last checkpoint.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Start from these weights instead of random ones: a run's folder or checkpoint (its averaged
    /// weights), a model's folder, or a weight file.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) init: Option<PathBuf>,
    /// Weights of the config's perceptual network (.pth or .safetensors).
    #[arg(long)]
    pub(crate) perceptual: Option<PathBuf>,
    /// The published LPIPS v0.1 heads (.safetensors); without them the loss is no LPIPS.
    #[arg(long, requires = "perceptual")]
    pub(crate) lpips_heads: Option<PathBuf>,
    /// Leave the config's perceptual loss out.
    #[arg(long, conflicts_with = "perceptual")]
    pub(crate) no_perceptual: bool,
    /// Seed of the weights, the data and the noise.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
    /// NVIDIA GPUs of this machine that share a step's batches. A new run takes as many more
    /// batches a step as they need; optimiser.accumulate says how many there are [default: 1].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(crate) gpus: Option<u64>,
}
