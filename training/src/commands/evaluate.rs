//! `evaluate`: models, masks and yardsticks side by side on sets of clips.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use codec::MaskArg;
use evaluation::{Evaluation, FvdMode, Protocol, Request};
use files::{check_writable, write_whole};

use super::cut_args::CutArgs;
use super::provenance::provenance;
use super::values::{at_least_one, share};
use crate::device::{DeviceKind, choose};

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

/// Runs `evaluate`: prints a Markdown table for every set of clips, with a row for every model,
/// mask and yardstick.
pub(crate) fn evaluate(args: EvaluateArgs) -> Result<()> {
    let chosen = choose(args.device)?;
    if let Some(path) = &args.json {
        // Better told now than when everything is measured.
        check_writable(path)?;
    }
    let (per_clip, json) = (args.per_clip, args.json.clone());
    let evaluation = Evaluation::measure(&args.request(), &chosen.device, &chosen.name)?;
    let provenance = provenance();
    say_text!(evaluation.document(per_clip, &provenance)?);
    if let Some(path) = json {
        let record = evaluation.record(&provenance)?;
        write_whole(&path, format!("{record:#}\n").as_bytes())?;
    }
    Ok(())
}

impl EvaluateArgs {
    /// What is to be measured.
    fn request(self) -> Request {
        Request {
            data: self.data,
            models: self.model,
            masks: self.mask,
            cut: self.cut.cut(),
            protocol: self.protocol,
            sample_seed: self.sample_seed,
            shots: self.shots,
            scenes: self.scenes,
            h264: self.h264,
            subsets: self.subsets,
            yardsticks: self.yardsticks,
            fit: self.fit,
            topk: self.topk,
            coefficients: self.coefficients,
            perceptual: self.perceptual,
            lpips_heads: self.lpips_heads,
            lpips_spatial: self.lpips_spatial,
            i3d: self.i3d,
            fvd: self.fvd,
            latents: self.latents,
        }
    }
}
