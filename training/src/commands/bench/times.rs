//! What a batch takes.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use codec::values;
use dataset::{Batch, Dataset, UNWATCHED};

use crate::config::Config;
use crate::train::{Trainer, read_initial_weights};

/// Steps before the clock starts: kernels are compiled and chosen in the first ones.
pub(super) const WARM_UP: u64 = 2;

/// Times of training batches in seconds, one for each that was measured; memory in bytes.
#[derive(Default)]
pub(super) struct Times {
    pub(super) parameters: usize,
    /// Encoding and decoding without gradients.
    pub(super) inference: Vec<f64>,
    /// A whole training step.
    pub(super) step: Vec<f64>,
    /// The step's part up to the loss; on a GPU only the queueing of it.
    pub(super) forward: Vec<f64>,
    /// From the loss to the gradients.
    pub(super) backward: Vec<f64>,
    /// What all processors worked for a step, where the system tells.
    pub(super) cpu: Vec<f64>,
    /// Held on the host before there was a model.
    pub(super) idle: Option<u64>,
    /// The most held on the host.
    pub(super) peak: Option<u64>,
}

/// Measures a config's model on its own batches.
pub(super) fn measure(config: &Config, device: &Device, steps: u64) -> Result<Times> {
    let idle = peak_memory();
    let (data, mut trainer) = begin(config, device)?;
    let mut times = Times {
        idle,
        parameters: trainer.parameters(),
        inference: inference(&trainer, &data.batch(0)?, device, steps)?,
        ..Times::default()
    };
    for step in 0..WARM_UP + steps {
        let batch = data.batch(step)?;
        let (start, worked) = (Instant::now(), cpu_time());
        let report = trainer.step(vec![batch])?;
        if step >= WARM_UP {
            let work = cpu_time().zip(worked).map(|(after, before)| after - before);
            times.cpu.extend(work);
            times.step.push(start.elapsed().as_secs_f64());
            times.forward.push(report.forward.as_secs_f64());
            times.backward.push(report.backward.as_secs_f64());
        }
    }
    times.peak = peak_memory();
    Ok(times)
}

/// Data, and a model at the start of its training. Without folders the batches are of synthetic
/// scenes.
pub(super) fn begin(config: &Config, device: &Device) -> Result<(Dataset, Trainer)> {
    let data = config.dataset(Path::new(""), UNWATCHED)?;
    let weights = config
        .init
        .as_deref()
        .map(read_initial_weights)
        .transpose()?;
    let weights = weights.as_ref().map(|(bytes, _)| bytes.as_slice());
    let trainer = Trainer::fresh(config, device, data.fingerprint(), None, weights)?;
    Ok((data, trainer))
}

/// Seconds to encode and decode a batch.
fn inference(trainer: &Trainer, batch: &Batch, device: &Device, runs: u64) -> Result<Vec<f64>> {
    let model = trainer.average();
    let clip = TensorData::new(batch.samples.clone(), batch.shape);
    let clip = Tensor::<5>::from_data(clip, device);
    let run = || -> Result<f64> {
        let start = Instant::now();
        let latent = model.encode(clip.clone()).posterior.mode();
        // Reading one number waits for the device.
        let corner = model
            .decode(latent)
            .sample
            .slice([0..1, 0..1, 0..1, 0..1, 0..1]);
        values(corner).context("nothing was decoded")?;
        Ok(start.elapsed().as_secs_f64())
    };
    let seconds: Vec<f64> = (0..WARM_UP + runs).map(|_| run()).collect::<Result<_>>()?;
    Ok(seconds[WARM_UP as usize..].to_vec())
}

/// The middle of some numbers; 0 of none.
pub(super) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = |index: usize| sorted.get(index).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => middle(half),
        _ => (middle(half.saturating_sub(1)) + middle(half)) / 2.0,
    }
}

/// The most memory this process has held so far, in bytes, where the system tells (Linux).
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Seconds that this process's threads have spent on processors so far, where the system tells
/// (Linux): unlike times by the clock, the same whether or not others want the processors too.
fn cpu_time() -> Option<f64> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir("/proc/self/task").ok()? {
        let schedule = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += schedule.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanoseconds as f64 * 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 9.0, 1.0]), 3.0);
        assert_eq!(median(&[4.0, 9.0, 1.0, 2.0]), 3.0);
        assert_eq!(median(&[]), 0.0);
    }
}
