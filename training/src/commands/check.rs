//! `check`: whether a device computes what the processor computes.

use anyhow::{Result, ensure};
use burn::tensor::Device;
use clap::Args;
use clips::Scene;
use codec::{tensor, values};
use dataset::{Dataset, UNWATCHED};

use crate::config::Config;
use crate::device::{DeviceKind, choose};
use crate::train::Trainer;

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Largest difference allowed, as a share of the largest value.
    #[arg(long, default_value_t = 1e-3)]
    pub(crate) limit: f64,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

/// One of each kind of backbone, at a width that takes seconds.
const PRESETS: [&str; 5] = ["lc16-c8", "lean-lc8", "wan16-lc8", "iv8-lc8", "taehv8"];

/// Height and width of the clips compared: enough for every level of the networks.
const SIDE: usize = 64;

/// A seed for the clip and the posterior's noise.
const SEED: u64 = 7;

/// One quantity on both devices.
struct Line {
    what: String,
    /// Largest absolute difference.
    difference: f64,
    /// Largest absolute value on the processor.
    largest: f64,
}

impl Line {
    fn share(&self) -> f64 {
        self.difference / self.largest.max(f64::MIN_POSITIVE)
    }
}

/// Runs `check`.
pub(crate) fn check(args: &CheckArgs) -> Result<()> {
    let chosen = choose(args.device)?;
    say!("{} ({}) beside the CPU", chosen.name, chosen.reason);
    say!("\n| model | quantity | largest value | largest difference | share |");
    say!("|---|---|---|---|---|");
    let mut worst = 0.0_f64;
    for preset in PRESETS {
        for line in compare(&Config::preset(preset)?, &chosen.device)? {
            let (largest, difference, share) = (line.largest, line.difference, line.share());
            say!(
                "| {preset} | {} | {largest:.4} | {difference:.2e} | {share:.1e} |",
                line.what
            );
            // `max` would let a NaN pass.
            worst = if share <= worst { worst } else { share };
        }
    }
    say!("\nlargest share {worst:.1e}, limit {:.1e}", args.limit);
    ensure!(
        worst <= args.limit,
        "{} does not compute what the CPU computes",
        chosen.name
    );
    Ok(())
}

/// The same weights, clip, noise and training step on both.
fn compare(config: &Config, device: &Device) -> Result<Vec<Line>> {
    let mut config = config.clone();
    (config.data.size, config.data.batch) = (SIDE, 1);
    let data = config.dataset(std::path::Path::new(""), UNWATCHED)?;
    let cpu = Trainer::fresh(&config, &Device::flex(), data.fingerprint(), None, None)?;
    let weights = cpu.checkpoint()?;
    let trainer = Trainer::resume(&config, device, &weights, data.fingerprint(), None)?;

    let clip = Scene::all()[0].render_varied(SEED, SIDE, SIDE, config.data.frames);
    let run = |trainer: &Trainer, device: &Device| -> Result<[Vec<f32>; 3]> {
        let model = trainer.average();
        let posterior = model.encode(tensor(&clip, device)).posterior;
        let latent = posterior.mode();
        let sample = model.decode(latent.clone()).sample;
        Ok([values(latent)?, values(posterior.logvar)?, values(sample)?])
    };
    let (ours, theirs) = (run(&cpu, &Device::flex())?, run(&trainer, device)?);
    let names = ["posterior mean", "posterior log-variance", "decoded clip"];
    let pairs = names.iter().zip(ours.iter().zip(&theirs));
    let mut lines: Vec<Line> = pairs.map(|(what, (a, b))| line(what, a, b)).collect();
    lines.extend(steps(cpu, trainer, &data)?);
    Ok(lines)
}

/// The losses and the gradient's norm of a training step.
fn steps(mut cpu: Trainer, mut trainer: Trainer, data: &Dataset) -> Result<Vec<Line>> {
    let (ours, theirs) = (
        cpu.step(vec![data.batch(0)?])?,
        trainer.step(vec![data.batch(0)?])?,
    );
    let both = |(name, number): (&'static str, f64)| {
        // A number that the device does not give differs from every other.
        let other = theirs.metrics.mean(name).unwrap_or(f64::NAN);
        line(name, &[number as f32], &[other as f32])
    };
    Ok(ours.metrics.means().map(both).collect())
}

fn line(what: &str, ours: &[f32], theirs: &[f32]) -> Line {
    let pairs = || ours.iter().zip(theirs);
    let largest = |numbers: &mut dyn Iterator<Item = f64>| {
        // A NaN is kept, so that it is seen.
        numbers.fold(0.0, |a: f64, b| if b <= a { a } else { b })
    };
    Line {
        what: what.to_owned(),
        difference: largest(&mut pairs().map(|(a, b)| f64::from((a - b).abs()))),
        largest: largest(&mut ours.iter().map(|a| f64::from(a.abs()))),
    }
}
