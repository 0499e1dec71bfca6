//! `bench`: how fast a device runs and trains a model.

mod case;
mod times;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

use crate::config::Config;
use crate::device::{DeviceKind, choose};
use times::{Times, WARM_UP, median};

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

/// Runs `bench`.
pub(crate) fn bench(args: &BenchArgs) -> Result<()> {
    ensure!(args.steps > 0, "--steps must be at least 1");
    let chosen = choose(args.device)?;
    if let Some(folder) = &args.case {
        let [preset] = args.preset.as_slice() else {
            anyhow::bail!("a case is of one preset; name one with --preset");
        };
        return case::write(folder, &config(preset, args)?, &chosen.device);
    }
    if !args.json {
        say!("{} ({})", chosen.name, chosen.reason);
        say!(
            "\n| model | weights | batch | encode + decode | training step | forward | backward | \
             Mpixel/s | most memory |"
        );
        say!("|---|---|---|---|---|---|---|---|---|");
    }
    for preset in &args.preset {
        let config = config(preset, args)?;
        let times = times::measure(&config, &chosen.device, args.steps)?;
        let line = if args.json {
            record(preset, &config, &times, &chosen.name)
        } else {
            row(preset, &config, &times)
        };
        say!("{line}");
    }
    if !args.json {
        say!(
            "\nMedians of {} steps after {WARM_UP} that are not counted; Mpixel/s are those of \
             training. Memory is the process's on the host, the models above included.",
            args.steps
        );
    }
    Ok(())
}

fn config(preset: &str, args: &BenchArgs) -> Result<Config> {
    let mut config = Config::preset(preset)?;
    config.data.batch = args.batch.unwrap_or(config.data.batch);
    config.data.size = args.size.unwrap_or(config.data.size);
    config.data.cache_short_side = config.data.cache_short_side.max(config.data.size);
    config.init.clone_from(&args.init);
    config.check()?;
    Ok(config)
}

fn shape(config: &Config) -> [usize; 5] {
    let data = &config.data;
    [data.batch, 3, data.frames, data.size, data.size]
}

fn row(preset: &str, config: &Config, times: &Times) -> String {
    let [batch, _, frames, height, width] = shape(config);
    let pixels = (batch * frames * height * width) as f64;
    format!(
        "| {preset} | {:.2} M | {batch} x {frames}x{height}x{width} | {} | {} | {} | {} | {:.2} | {} |",
        times.parameters as f64 / 1e6,
        milliseconds(&times.inference),
        milliseconds(&times.step),
        milliseconds(&times.forward),
        milliseconds(&times.backward),
        pixels / median(&times.step) / 1e6,
        times.peak.map_or("unknown".to_owned(), |bytes| format!(
            "{:.0} MB",
            bytes as f64 / 1e6
        )),
    )
}

/// One line of JSON, in seconds and bytes: what training/peer/bench.py prints as well.
fn record(preset: &str, config: &Config, times: &Times, device: &str) -> String {
    let gradients = times.forward.iter().zip(&times.backward);
    json!({
        "preset": preset,
        "parameters": times.parameters,
        "shape": shape(config),
        "forward": times.inference,
        "gradients": gradients.map(|(a, b)| a + b).collect::<Vec<f64>>(),
        "step": times.step,
        "cpu": times.cpu,
        "idle_bytes": times.idle,
        "peak_bytes": times.peak,
        "threads": rayon::current_num_threads(),
        "version": device,
    })
    .to_string()
}

fn milliseconds(seconds: &[f64]) -> String {
    format!("{:.0} ms", median(seconds) * 1e3)
}
