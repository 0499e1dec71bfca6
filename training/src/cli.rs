//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{self, FvdMode, Protocol};
use crate::device::DeviceKind;
use crate::mask::MaskArg;
use crate::video::Part;

/// Trains, evaluates and exports video autoencoders (WF-VAE, LC-VAE, LeanVAE, Wan 2.1, IV-VAE).
///
/// Without a command it trains the `tiny` preset on synthetic scenes; `train --data FOLDER` trains
/// the `lean-lc8` preset.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model, or continue a run.
    Train(TrainArgs),
    /// Decode folders of clips into the frame cache, and list the good and the bad ones.
    Index(IndexArgs),
    /// Encode a video file into a latent.
    Encode(EncodeArgs),
    /// Decode a latent into a video file.
    Decode(DecodeArgs),
    /// Encode and decode a video file, and say how close the result is.
    Reconstruct(ReconstructArgs),
    /// Measure models, masks and yardsticks on clips.
    #[command(visible_alias = "eval")]
    Evaluate(EvaluateArgs),
    /// Measure energy and lag-1 autocorrelation of a model's latent, subband by subband.
    Analyse(AnalyseArgs),
    /// Count the parameters and the arithmetic of models, from their configs alone.
    Cost(CostArgs),
    /// Write one page of HTML that shows a run: curves, pictures, config, results.
    Report(ReportArgs),
    /// Put a run's model among those that the page ships.
    Publish(PublishArgs),
    /// Check that a device computes what the CPU computes.
    Check(CheckArgs),
    /// Measure how fast a device runs and trains models.
    Bench(BenchArgs),
    /// Take over weights of the reference implementations.
    Import(ImportArgs),
    /// Run a model on a tensor file, to compare it with another implementation.
    Tensors(TensorsArgs),
}

impl Cli {
    pub(crate) fn run(self) -> Result<()> {
        match self
            .command
            .unwrap_or_else(|| Command::Train(TrainArgs::default()))
        {
            Command::Train(args) => commands::train(&args),
            Command::Index(args) => commands::index(&args),
            Command::Encode(args) => commands::encode(&args),
            Command::Decode(args) => commands::decode(&args),
            Command::Reconstruct(args) => commands::reconstruct(&args),
            Command::Evaluate(args) => commands::evaluate(&args),
            Command::Analyse(args) => commands::analyse(&args),
            Command::Cost(args) => commands::cost(&args),
            Command::Report(args) => commands::report(&args),
            Command::Publish(args) => commands::publish(&args),
            Command::Check(args) => commands::check(&args),
            Command::Bench(args) => commands::bench(&args),
            Command::Import(args) => commands::import(&args),
            Command::Tensors(args) => commands::tensors(&args),
        }
    }
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

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// The file to write [default: report.html in the run's folder].
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct PublishArgs {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// The model's folder and its name in the page's address.
    #[arg(long)]
    pub(crate) id: String,
    /// What the page calls it.
    #[arg(long)]
    pub(crate) name: String,
    /// The models beside which the page lists it.
    #[arg(long)]
    pub(crate) family: String,
    /// One sentence: what it is and what to expect.
    #[arg(long)]
    pub(crate) summary: String,
    /// Markdown to append to the run's card.
    #[arg(long)]
    pub(crate) notes: Option<PathBuf>,
    /// The folder of the page's models.
    #[arg(long, default_value = "models")]
    pub(crate) into: PathBuf,
}

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TrainArgs {
    /// A config file (TOML); see the presets in training/configs.
    #[arg(long, conflicts_with = "preset")]
    pub(crate) config: Option<PathBuf>,
    /// A config that is built in: tiny; wf16-c4, wf16-c8, wf16-c16, lc16-c8, lc16-c8-paper,
    /// lc16-c8-energy, lc16-c16-energy; lean-c4, lean-c8, lean-lc8, lean-lc8-25, lean-lc8-75,
    /// lean-lc8-paper, lean-lc8-energy; lean-c16, lean-c32, lean-lc32-energy; wan16-lc8; iv8-lc8
    /// [default: lean-lc8 with --data, else tiny]. As published, for large GPUs: wf-stage1,
    /// wf-stage2, wf-stage3, lc-published, lean-published.
    #[arg(long)]
    pub(crate) preset: Option<String>,
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

#[derive(Args, Clone, Debug)]
pub(crate) struct IndexArgs {
    /// Folders of video files or of folders of pictures.
    #[arg(required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// The config whose windows the clips must be long and large enough for.
    #[arg(long, conflicts_with = "preset")]
    pub(crate) config: Option<PathBuf>,
    /// The same, built in [default: what `train --data` would take].
    #[arg(long)]
    pub(crate) preset: Option<String>,
    /// Where decoded frames are kept.
    #[arg(long, default_value = "runs/cache")]
    pub(crate) cache: PathBuf,
}

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

/// A share above 0.
fn share(text: &str) -> Result<f64> {
    let share: f64 = text.parse()?;
    ensure!(
        share > 0.0 && share <= 1.0,
        "it must be above 0 and at most 1"
    );
    Ok(share)
}

/// A count that is not zero.
fn at_least_one(text: &str) -> Result<usize> {
    let count: usize = text.parse()?;
    ensure!(count > 0, "it must be at least 1");
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
