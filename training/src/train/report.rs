//! What a person sees of a run while it goes on, and its log.

use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};
use burn::tensor::Device;
use evaluation::{ClipScore, mean};
use indicatif::{DecimalBytes, HumanDuration, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::by_products::ByProducts;
use super::memory;
use super::metrics::Metrics;
use super::state::StepReport;
use crate::checkpoint::Progress;
use crate::config::Config;
use crate::report::EventFile;

/// Between lines where there is no terminal to draw a bar on.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// What the progress line shows of a step's numbers, and how it calls them.
const SHOWN: [(&str, &str); 9] = [
    ("loss", "loss"),
    ("l1", "l1"),
    ("perceptual", "perc"),
    ("kl", "kl"),
    ("wavelet", "wl"),
    ("adaptive_weight", "gan x"),
    ("discriminator", "disc"),
    ("gradient_norm", "grad"),
    ("discriminator_gradient_norm", "disc grad"),
];

/// The progress bar and the log, one JSON object a line, with TensorBoard's event file beside it.
pub(crate) struct Report {
    device: Device,
    bar: ProgressBar,
    log: File,
    events: EventFile,
    by_products: ByProducts,
    log_every: u64,
    steps: u64,
    sums: Sums,
    since: Instant,
    /// Time between the lines of the log, and the part of it that was spent waiting for data.
    whole: Duration,
    waited: Duration,
    last_line: Option<Instant>,
}

/// Sums over the steps since the last line of the log.
#[derive(Default)]
struct Sums {
    count: u32,
    metrics: Metrics,
    waited: Duration,
    forward: Duration,
    backward: Duration,
    update: Duration,
}

impl Report {
    /// Opens the log, dropping what it says of steps after `done`: a run that was killed did
    /// them, but they will be done again.
    pub(crate) fn open(path: &Path, config: &Config, device: &Device, done: u64) -> Result<Self> {
        let failed = || format!("the log {} cannot be written", path.display());
        if let Ok(text) = fs::read_to_string(path) {
            let kept: String = text
                .lines()
                .filter(|line| step_of(line) <= done)
                .map(|l| format!("{l}\n"))
                .collect();
            fs::write(path, kept).with_context(failed)?;
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .with_context(failed)?;
        let events = EventFile::create(path.parent().unwrap_or(Path::new("")), done)?;
        let bar = ProgressBar::new(config.steps).with_position(done);
        bar.set_style(ProgressStyle::with_template(
            "{bar:12} {pos}/{len} {wide_msg}",
        )?);
        bar.reset_eta();
        let sums = Sums::default();
        let (log_every, steps) = (config.run.log_every, config.steps);
        Ok(Self {
            device: device.clone(),
            bar,
            log,
            events,
            by_products: ByProducts::default(),
            log_every,
            steps,
            sums,
            since: Instant::now(),
            whole: Duration::ZERO,
            waited: Duration::ZERO,
            last_line: None,
        })
    }

    /// Notes a step.
    pub(crate) fn step(&mut self, progress: &Progress, step: &StepReport, waited: Duration) {
        self.sums.add(step, waited);
        self.bar.set_position(progress.step);
        if !progress.step.is_multiple_of(self.log_every) && progress.step != self.steps {
            return;
        }
        let elapsed = self.since.elapsed();
        self.whole += elapsed;
        self.waited += self.sums.waited;
        let elapsed = elapsed.as_secs_f64();
        let speed = f64::from(self.sums.count) / elapsed;
        let left = (self.steps - progress.step) as f64 / speed;
        let memory = memory::in_use(&self.device);
        let mut message = self.sums.message(elapsed, left, memory);
        if progress.skipped > 0 {
            message += &format!(", {} steps skipped", progress.skipped);
        }
        self.show(&message, progress.step);
        let mut line = self.sums.line(elapsed);
        line["memory_bytes"] = json!(memory);
        line["step"] = json!(progress.step);
        line["lr"] = json!(step.lr);
        line["skipped"] = json!(progress.skipped);
        line["seconds"] = json!(progress.seconds);
        self.sums = Sums::default();
        self.since = Instant::now();
        self.write(&line);
    }

    /// Notes what a validation found.
    pub(crate) fn validation(&mut self, progress: &Progress, scores: &[ClipScore]) {
        let (psnr, ssim) = (mean(scores, |s| s.psnr), mean(scores, |s| s.ssim));
        let text = format!(
            "step {}: held out {psnr:.2} dB PSNR, {ssim:.4} SSIM",
            progress.step
        );
        // A bar that was left as it stands would be drawn once more.
        if self.bar.is_hidden() || self.bar.is_finished() {
            say!("{text}")
        } else {
            self.bar.println(text)
        }
        // What was measured in between is not part of the speed.
        self.since = Instant::now();
        self.sums = Sums::default();
        let seconds = progress.seconds;
        self.write(&json!({
            "step": progress.step, "seconds": seconds, "validation": {"psnr": psnr, "ssim": ssim},
        }));
    }

    /// Leaves the bar as it stands, and says how long this sitting waited for data.
    pub(crate) fn pause(&self) {
        self.bar.abandon();
        if !self.bar.is_hidden() {
            // The bar leaves the cursor at its end.
            note!("");
        }
        let whole = self.whole.as_secs_f64();
        if whole > 0.0 {
            let share = 100.0 * self.waited.as_secs_f64() / whole;
            say!("{share:.1} % of the time was spent waiting for data");
        }
    }

    fn show(&mut self, message: &str, step: u64) {
        self.bar.set_message(message.to_owned());
        let due = self
            .last_line
            .is_none_or(|last| last.elapsed() >= LINE_EVERY);
        if !std::io::stderr().is_terminal() && due {
            note!("{step}/{} {message}", self.steps);
            self.last_line = Some(Instant::now());
        }
    }

    fn write(&mut self, line: &Value) {
        let step = line["step"].as_u64().unwrap_or_default();
        let events = self.events.scalars(step, line);
        self.by_products.attempt("TensorBoard's events", events);
        let written = writeln!(self.log, "{line}").map_err(Error::from);
        self.by_products.attempt("the log", written);
    }
}

impl Sums {
    fn add(&mut self, step: &StepReport, waited: Duration) {
        self.count += 1;
        self.metrics.take(&step.metrics);
        self.waited += waited;
        self.forward += step.forward;
        self.backward += step.backward;
        self.update += step.update;
    }

    fn message(&self, elapsed: f64, seconds_left: f64, memory: Option<u64>) -> String {
        let speed = f64::from(self.count) / elapsed;
        let waiting = 100.0 * self.waited.as_secs_f64() / elapsed;
        let left = HumanDuration(Duration::from_secs_f64(seconds_left.clamp(0.0, 1e9)));
        let mut text = String::new();
        for (name, short) in SHOWN {
            // What is always 0, as the wavelet loss of models without one, is left out.
            if let Some(mean) = self.metrics.mean(name).filter(|mean| *mean != 0.0) {
                let digits = if name == "kl" { 2 } else { 4 };
                text += &format!("{short} {mean:.digits$} ");
            }
        }
        let memory = memory.map_or(String::new(), |bytes| format!("{}, ", DecimalBytes(bytes)));
        format!("{text}| {speed:.2} steps/s, {waiting:.0} % waiting for data, {memory}{left} left")
    }

    fn line(&self, elapsed: f64) -> Value {
        let steps = f64::from(self.count.max(1));
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0 / steps;
        let mut line = json!({
            "steps_per_second": f64::from(self.count) / elapsed,
            "data_wait": self.waited.as_secs_f64() / elapsed,
            "ms": {
                "data_wait": milliseconds(self.waited),
                "forward": milliseconds(self.forward),
                "backward": milliseconds(self.backward),
                "update": milliseconds(self.update),
            },
        });
        for (name, mean) in self.metrics.means() {
            line[name] = json!(mean);
        }
        line
    }
}

/// The step of a line of the log; lines that are none count as step 0.
fn step_of(line: &str) -> u64 {
    serde_json::from_str::<Value>(line)
        .ok()
        .and_then(|v| v["step"].as_u64())
        .unwrap_or(0)
}
