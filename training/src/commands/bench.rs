//! `bench`: how fast a device runs and trains a model.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};

use crate::cli::BenchArgs;
use crate::codec::values;
use crate::config::Config;
use crate::data::{Batch, Dataset};
use crate::device::choose;
use crate::train::Trainer;

/// Steps before the clock starts: kernels are compiled and chosen in the first ones.
const WARM_UP: u64 = 2;

/// Times of one training batch, in seconds.
struct Times {
    /// Encoding and decoding without gradients.
    inference: f64,
    /// A whole training step.
    step: f64,
    /// The step's part up to the loss; on a GPU only the queueing of it.
    forward: f64,
    /// From the loss to the gradients.
    backward: f64,
}

/// Runs `bench`.
pub(crate) fn bench(args: &BenchArgs) -> Result<()> {
    ensure!(args.steps > 0, "--steps must be at least 1");
    let chosen = choose(args.device)?;
    println!("{} ({})", chosen.name, chosen.reason);
    println!(
        "\n| model | weights | batch | encode + decode | training step | forward | backward | \
         Mpixel/s | most memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for preset in &args.preset {
        let config = config(preset, args)?;
        let (trainer, times) = measure(&config, &chosen.device, args.steps)?;
        let [batch, _, frames, height, width] = shape(&config);
        let pixels = (batch * frames * height * width) as f64;
        println!(
            "| {preset} | {:.2} M | {batch} x {frames}x{height}x{width} | {} | {} | {} | {} | {:.2} | {} |",
            trainer.parameters() as f64 / 1e6,
            milliseconds(times.inference),
            milliseconds(times.step),
            milliseconds(times.forward),
            milliseconds(times.backward),
            pixels / times.step / 1e6,
            peak_memory().map_or("unknown".to_owned(), |m| format!("{:.0} MB", m / 1e6)),
        );
    }
    println!(
        "\nMeans over {} steps after {WARM_UP} that are not counted; Mpixel/s are those of training. \
         Memory is the process's on the host, the models above included.",
        args.steps
    );
    Ok(())
}

fn config(preset: &str, args: &BenchArgs) -> Result<Config> {
    let mut config = Config::preset(preset)?;
    config.data.batch = args.batch.unwrap_or(config.data.batch);
    config.data.size = args.size.unwrap_or(config.data.size);
    config.data.cache_short_side = config.data.cache_short_side.max(config.data.size);
    config.check()?;
    Ok(config)
}

fn shape(config: &Config) -> [usize; 5] {
    let data = &config.data;
    [data.batch, 3, data.frames, data.size, data.size]
}

fn measure(config: &Config, device: &Device, steps: u64) -> Result<(Trainer, Times)> {
    // Without folders the batches are of synthetic scenes.
    let data = Dataset::open(config, std::path::Path::new(""))?;
    let mut trainer = Trainer::fresh(config, device, data.fingerprint(), None, None)?;
    let inference = inference(&trainer, &data.batch(0)?, device, steps)?;
    let mut times = Times {
        inference,
        step: 0.0,
        forward: 0.0,
        backward: 0.0,
    };
    for step in 0..WARM_UP + steps {
        let batch = data.batch(step)?;
        let start = Instant::now();
        let report = trainer.step(vec![batch])?;
        if step >= WARM_UP {
            let share = |time: Duration| time.as_secs_f64() / steps as f64;
            times.step += share(start.elapsed());
            times.forward += share(report.forward);
            times.backward += share(report.backward);
        }
    }
    Ok((trainer, times))
}

/// Seconds to encode and decode a batch.
fn inference(trainer: &Trainer, batch: &Batch, device: &Device, runs: u64) -> Result<f64> {
    let model = trainer.average();
    let clip = TensorData::new(batch.samples.clone(), batch.shape);
    let clip = Tensor::<5>::from_data(clip, device);
    let run = || {
        let latent = model.encode(clip.clone()).posterior.mode();
        // Reading one number waits for the device.
        let corner = model
            .decode(latent)
            .sample
            .slice([0..1, 0..1, 0..1, 0..1, 0..1]);
        values(corner).context("nothing was decoded")
    };
    for _ in 0..WARM_UP {
        run()?;
    }
    let start = Instant::now();
    for _ in 0..runs {
        run()?;
    }
    Ok(start.elapsed().as_secs_f64() / runs as f64)
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

/// The most memory this process has held so far, in bytes, where the system tells (Linux).
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
