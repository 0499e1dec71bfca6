//! Videos through a model.

use std::path::PathBuf;

use clap::Args;

use crate::device::DeviceKind;
use crate::mask::MaskArg;
use crate::video::Part;

/// Which model to run, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct ModelArgs {
    /// A folder with config.json and model.safetensors, a run's folder, or a weight file on its own
    /// (safetensors, the references' names) [default: models/lean-lc32-energy, else
    /// runs/tiny].
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct EncodeArgs {
    /// The video file.
    pub(crate) video: PathBuf,
    /// The latent to write (safetensors).
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// What to keep of the latent, instead of what the model was trained with: as for
    /// `reconstruct`.
    #[arg(long, value_parser = MaskArg::parse)]
    pub(crate) mask: Option<MaskArg>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DecodeArgs {
    /// A latent that `encode` wrote.
    pub(crate) latent: PathBuf,
    /// The video file to write.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReconstructArgs {
    /// The video file.
    pub(crate) video: PathBuf,
    /// The reconstruction to write.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// What to keep of the latent, instead of what the model was trained with: none, paper50,
    /// lowpass50, ..., {"groups": [..]}, or a mask file of LC-VAE's authors, FILE.json.
    #[arg(long, value_parser = MaskArg::parse)]
    pub(crate) mask: Option<MaskArg>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// How much of the video is taken.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct SizeArgs {
    /// Scale the shorter side down to this many pixels.
    #[arg(long)]
    pub(crate) short_side: Option<usize>,
    /// Take at most this many frames.
    #[arg(long)]
    pub(crate) frames: Option<usize>,
}

impl SizeArgs {
    /// What is read of the video.
    pub(crate) fn part(self) -> Part {
        Part {
            short_side: self.short_side,
            frames: self.frames,
            max_fps: None,
        }
    }
}
