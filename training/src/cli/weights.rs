//! Weights of other implementations, and comparing with them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::device::DeviceKind;

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// A file of the references: a checkpoint (.ckpt, .pth, .pt) or weights (.safetensors).
    pub(crate) file: PathBuf,
    /// The model's config, the reference's own JSON; without it, names and shapes of the weights
    /// tell the model.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The folder to write config.json and model.safetensors to.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    /// Which weights of a checkpoint that holds both.
    #[arg(long, value_enum)]
    pub(crate) weights: Option<Which>,
}

/// Which weights of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The running average.
    Ema,
    /// The last step's.
    Plain,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TensorsArgs {
    /// The model's config, the reference's own JSON [default: what the weight file says or looks
    /// like].
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The model's weights (safetensors, reference names).
    #[arg(long)]
    pub(crate) weights: PathBuf,
    /// A safetensors file with the f32 tensor `video`, [B, 3, T, H, W] in [-1, 1].
    #[arg(long)]
    pub(crate) input: PathBuf,
    /// The safetensors file to write.
    #[arg(long)]
    pub(crate) output: PathBuf,
    /// Use a posterior sample, drawn from this seed, instead of the mean.
    #[arg(long)]
    pub(crate) sample_seed: Option<u64>,
    /// Decode the latent as it is, without the mask.
    #[arg(long)]
    pub(crate) no_compression: bool,
    /// The device, instead of the CPU.
    #[arg(long, value_enum, default_value = "cpu")]
    pub(crate) device: DeviceKind,
}
