//! `cost`: what models cost, counted from their configs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use clips::Scene;
use codec::Codec;
use vae::{Autoencoder, ModelConfig};
use wavelet::MaskChoice;

use crate::device::{DeviceKind, choose};

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

/// A model and the clip that it is measured on.
struct Subject {
    name: String,
    config: ModelConfig,
    frames: usize,
    size: usize,
}

/// Runs `cost`: prints a Markdown table with a row for every config. A multiply-add is two FLOP.
pub(crate) fn cost(args: &CostArgs) -> Result<()> {
    ensure!(
        args.frames > 0 && args.size > 0,
        "--frames and --size must be at least 1"
    );
    let device = if args.time {
        let chosen = choose(args.device)?;
        say!("timed on {}\n", chosen.name);
        Some(chosen.device)
    } else {
        None
    };
    let (head, rule) = match &device {
        Some(_) => (" encoding (s) | decoding (s) |", "---|---|"),
        None => ("", ""),
    };
    say!("| model | parameters (M) | clip | encoding (GFLOP) | decoding (GFLOP) |{head}");
    say!("|---|---|---|---|---|{rule}");
    for path in &args.config {
        let subject = Subject::read(path, args.frames, args.size)?;
        let times = match &device {
            Some(device) => subject.times(device)?,
            None => String::new(),
        };
        say!("{}{times}", subject.row());
    }
    Ok(())
}

impl Subject {
    /// The model of a config, and a clip of this size or the next one that the model takes.
    fn read(path: &Path, frames: usize, size: usize) -> Result<Self> {
        let file = if path.is_dir() {
            path.join(codec::CONFIG)
        } else {
            path.to_owned()
        };
        let shown = file.display();
        let text = fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
        let config = ModelConfig::from_json(&text).with_context(|| shown.to_string())?;
        Ok(Self {
            name: path.display().to_string(),
            frames: config.frame_rule().padded(frames),
            size: size.next_multiple_of(config.size_step()),
            config,
        })
    }

    fn row(&self) -> String {
        let (name, frames, size) = (&self.name, self.frames, self.size);
        let cost = Autoencoder::new(&self.config, &Device::flex()).cost(frames, size, size);
        let gflop = |multiply_adds: u64| Rounded(2e-9 * multiply_adds as f64);
        format!(
            "| {name} | {:.1} | {frames}x{size}x{size} | {} | {} |",
            cost.parameters as f64 / 1e6,
            gflop(cost.encode),
            gflop(cost.decode),
        )
    }

    /// Two more columns: seconds to encode and to decode, with nothing zeroed.
    fn times(&self, device: &Device) -> Result<String> {
        let codec = Codec::new(Autoencoder::new(&self.config, device), device.clone());
        let keep = MaskChoice::None.build(self.config.channels())?;
        let run = |frames: usize, size: usize| {
            let clip = Scene::SlowPan.render(1, size, size, frames);
            codec.reconstruct(&clip, &codec.as_one_shot(&clip), &keep)
        };
        // Weights are drawn, and kernels compiled, when they are first used.
        run(
            self.config.frame_rule().padded(1),
            self.config.maskable_step(),
        )?;
        let timed = run(self.frames, self.size)?;
        Ok(format!(
            " {} | {} |",
            Rounded(timed.encode_seconds),
            Rounded(timed.decode_seconds)
        ))
    }
}

/// A number with three significant digits below a thousand, and none of its fraction above.
struct Rounded(f64);

impl std::fmt::Display for Rounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = (2.0 - self.0.max(1e-9).log10().floor()).clamp(0.0, 6.0) as usize;
        write!(f, "{:.digits$}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let shown = [0.004_567, 1.234_5, 45.67, 5690.4].map(|x| Rounded(x).to_string());
        assert_eq!(shown, ["0.00457", "1.23", "45.7", "5690"]);
    }

    /// Clips are padded to what the model takes: LC-VAE's to 32 frames.
    #[test]
    fn a_row_says_what_was_counted() {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/published");
        let row = |name: &str, size| {
            let subject = Subject::read(&configs.join(name), 17, size);
            subject.map(|subject| subject.row())
        };
        let lc = row("lc-c8.json", 250).unwrap();
        assert!(lc.contains("| 315.0 | 32x256x256 |"), "{lc}");
        let wan = row("wan2.1-c16.json", 256).unwrap();
        assert!(wan.contains("| 126.9 | 17x256x256 |"), "{wan}");
        assert!(row("none.json", 256).is_err());
    }
}
