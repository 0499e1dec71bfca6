//! What is measured on clips.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ModelArgs;
use super::values::{at_least_one, share};
use crate::commands::{FvdMode, Protocol};
use crate::device::DeviceKind;
use crate::mask::MaskArg;

#[derive(Args, Clone, Debug)]
pub(crate) struct EvaluateArgs {
    /// Folders of video files or of folders of pictures.
    #[arg(long, required_unless_present = "scenes", num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    /// Models: folders with config.json and model.safetensors, or runs' folders.
    #[arg(long, required_unless_present = "coefficients", num_args = 1..)]
    pub(crate) model: Vec<PathBuf>,
    /// Masks to try beside what each model was trained with, for example none, paper50, lowpass50
    /// or a mask file of LC-VAE's authors, FILE.json. On a model trained without a mask this is post-training compression (PTLC).
    #[arg(long, value_parser = MaskArg::parse, num_args = 1..)]
    pub(crate) mask: Vec<MaskArg>,
    #[command(flatten)]
    pub(crate) cut: CutArgs,
    /// How frames meet the models and the measures. Figures of the two cannot be compared.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) protocol: Protocol,
    /// Decode samples of the posterior, drawn by this seed, instead of its mean.
    #[arg(long, value_name = "SEED")]
    pub(crate) sample_seed: Option<u64>,
    /// Code every shot of a clip by itself, as `reconstruct`, `encode` and the page do; models that
    /// take whole segments of 32 frames do not.
    #[arg(long)]
    pub(crate) shots: bool,
    /// Also measure synthetic scenes that no run is trained on.
    #[arg(long)]
    pub(crate) scenes: bool,
    /// Also give the models the clips compressed by H.264 at this constant rate factor, and
    /// measure against the clean ones.
    #[arg(long, value_name = "CRF", requires = "data", value_parser = clap::value_parser!(u8).range(0..=51))]
    pub(crate) h264: Option<u8>,
    /// Also show the third of the clips with the most texture, and that with the most motion.
    #[arg(long, requires = "data")]
    pub(crate) subsets: bool,
    /// Add rows for a DCT, and with --fit for PCA, that store as many numbers as the models.
    #[arg(long)]
    pub(crate) yardsticks: bool,
    /// A folder of clips to fit PCA on and to choose Top-k channels by; other ones than are
    /// measured.
    #[arg(long)]
    pub(crate) fit: Option<PathBuf>,
    /// Also keep this share of the coefficient channels, 0 to 1: those with the most energy on the
    /// clips of --fit (Top-k).
    #[arg(long, requires = "fit", value_name = "SHARE", num_args = 1.., value_parser = share)]
    pub(crate) topk: Vec<f64>,
    /// Numbers a block that the yardsticks keep [default: each model's effective channels].
    #[arg(long, requires = "yardsticks", num_args = 1.., value_parser = at_least_one)]
    pub(crate) coefficients: Vec<usize>,
    /// Weights of VGG-16, AlexNet or SqueezeNet 1.1 (.pth or .safetensors), or the compressed
    /// SqueezeNet 1.0, to measure a perceptual distance with.
    #[arg(long)]
    pub(crate) perceptual: Option<PathBuf>,
    /// The published LPIPS v0.1 heads (.safetensors); without them the distance is no LPIPS.
    #[arg(long, requires = "perceptual")]
    pub(crate) lpips_heads: Option<PathBuf>,
    /// Take the distance as the papers' scripts do: at every pixel, from maps resized to the frame.
    #[arg(long, requires = "perceptual")]
    pub(crate) lpips_spatial: bool,
    /// Weights of I3D, to measure rFVD with: i3d_pretrained_400.pt, or the same as .safetensors.
    #[arg(long, value_name = "FILE")]
    pub(crate) i3d: Option<PathBuf>,
    /// Whether rFVD takes all clips as one set, or is averaged over batches of N clips: set or
    /// batch:N. The figures cannot be compared with each other.
    #[arg(long, requires = "i3d", value_name = "MODE", default_value = "set")]
    pub(crate) fvd: FvdMode,
    /// Also show what the models' latents are made of: energy and lag-1 autocorrelation.
    #[arg(long)]
    pub(crate) latents: bool,
    /// Also print every clip's figures.
    #[arg(long)]
    pub(crate) per_clip: bool,
    /// Also write everything, every clip's figures included, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

/// How clips are cut to size.
#[derive(Args, Clone, Debug)]
pub(crate) struct CutArgs {
    /// Side of the centre crop, in pixels.
    #[arg(long, default_value_t = 128, value_parser = at_least_one)]
    pub(crate) size: usize,
    /// Scale the shorter side down to this many pixels before the crop, instead of cropping from
    /// the picture as filmed.
    #[arg(long)]
    pub(crate) short_side: Option<usize>,
    /// How it is scaled.
    #[arg(long, value_enum, default_value_t, requires = "short_side")]
    pub(crate) scaling: Scaling,
    /// Frames taken from the start of each clip.
    #[arg(long, default_value_t = 32, value_parser = at_least_one)]
    pub(crate) frames: usize,
}

/// The filter that frames are scaled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scaling {
    /// Antialiased bilinear, down only, the longer side rounded.
    #[default]
    Antialiased,
    /// The kernel of WF-VAE's evaluation scripts, up as well, the longer side cut down to whole pixels.
    WfScripts,
}

impl CutArgs {
    /// The same in words.
    pub(crate) fn describe(&self) -> String {
        let scaled = self.short_side.map_or(String::new(), |short| {
            let how = match self.scaling {
                Scaling::Antialiased => "",
                Scaling::WfScripts => " as WF-VAE's scripts do",
            };
            format!("shorter side scaled to {short}{how}, ")
        });
        let (frames, size) = (self.frames, self.size);
        format!("{frames} frames from the start, {scaled}centre crop {size}x{size}")
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AnalyseArgs {
    /// Folders of video files or of folders of pictures.
    #[arg(long, required = true, num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) cut: CutArgs,
    /// Also print the coefficient channels with the most energy, this share of all (0 to 1), as a
    /// mask for a model's config.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) keep: Option<f64>,
    /// The folder to write analysis.json and the figures (SVG) to.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}
