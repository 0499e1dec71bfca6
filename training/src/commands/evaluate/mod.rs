//! `evaluate`: models, masks and yardsticks side by side on sets of clips.

mod footage;
mod record;
mod rows;
mod table;
mod yardsticks;

use anyhow::{Result, bail};
use indicatif::ProgressBar;

use super::perceptual::Perceptual;
use crate::checkpoint::write_whole;
use crate::cli::EvaluateArgs;
use crate::device::{Chosen, choose};
use crate::export;
use footage::{Cut, Sample};
use rows::{Row, masks, model_rows};
use yardsticks::Yardsticks;

/// Clips measured together, and what came of it.
struct Set {
    title: String,
    samples: Vec<Sample>,
    rows: Vec<Row>,
    parts: Vec<Part>,
}

/// Some clips of a set, chosen by a measure.
struct Part {
    title: String,
    /// Places in the set.
    members: Vec<usize>,
}

/// Runs `evaluate`: prints a Markdown table for every set of clips, with a row for every model,
/// mask and yardstick.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<()> {
    let chosen = choose(args.device)?;
    let cut = Cut::from(args);
    let mut sets = sets(args, &cut)?;
    let perceptual = args
        .perceptual
        .as_ref()
        .map(|network| Perceptual::open(network, args.lpips_heads.as_deref(), &chosen.device));
    let perceptual = perceptual.transpose()?;
    let yardsticks = args
        .yardsticks
        .then(|| Yardsticks::fit(args.fit.as_deref(), &cut, &sets))
        .transpose()?;

    fill(args, &mut sets, &chosen, perceptual.as_ref())?;
    if let Some(yardsticks) = &yardsticks {
        for set in &mut sets {
            let counts = yardsticks::counts(&args.coefficients, &set.rows);
            let rows = yardsticks.rows(&set.samples, &counts, perceptual.as_ref())?;
            set.rows.extend(rows);
        }
    }

    let distance = perceptual.as_ref().map(Perceptual::name);
    let heading = heading(args, &cut, &chosen, yardsticks.as_ref());
    print!(
        "{}",
        table::document(&heading, &sets, distance.as_deref(), args.per_clip)
    );
    if let Some(path) = &args.json {
        let record = record::record(&heading, &sets, distance.as_deref())?;
        write_whole(path, format!("{record:#}\n").as_bytes())?;
    }
    Ok(())
}

/// The sets of clips that the arguments name.
fn sets(args: &EvaluateArgs, cut: &Cut) -> Result<Vec<Set>> {
    let mut sets = Vec::new();
    if !args.data.is_empty() {
        let (samples, skipped) = footage::clips(&args.data, cut)?;
        for file in &skipped {
            eprintln!("skipped {}: {}", file.name, file.reason);
        }
        if samples.is_empty() {
            bail!("none of the clips can be measured; see what was skipped and why");
        }
        let mut clips = Set::new(format!("{} clips", samples.len()), samples);
        if args.subsets {
            clips.parts = footage::parts(&clips.samples)?;
        }
        let compressed = args.h264.map(|crf| -> Result<Set> {
            let samples = footage::compressed(&clips.samples, crf)?;
            let title = format!("H.264 input (x264, CRF {crf}), measured against the clean clips");
            Ok(Set::new(title, samples))
        });
        sets.push(clips);
        sets.extend(compressed.transpose()?);
    }
    if args.scenes {
        let samples = footage::scenes(cut)?;
        sets.push(Set::new("Held-out synthetic scenes".into(), samples));
    }
    Ok(sets)
}

/// Adds the rows of every model and mask to every set.
fn fill(
    args: &EvaluateArgs,
    sets: &mut [Set],
    chosen: &Chosen,
    perceptual: Option<&Perceptual>,
) -> Result<()> {
    let clips: usize = sets.iter().map(|set| set.samples.len()).sum();
    let bar = ProgressBar::new((clips * args.model.len()) as u64).with_message("measuring");
    for set in sets.iter_mut() {
        set.rows.extend(rows::input(&set.samples, perceptual)?);
    }
    for folder in &args.model {
        let codec = export::read(Some(folder), chosen.device.clone())?;
        let masks = masks(&args.mask, codec.model.config())?;
        for set in sets.iter_mut() {
            let rows = model_rows(folder, &codec, &masks, &set.samples, perceptual, &bar)?;
            set.rows.extend(rows);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// What is said of all sets together.
struct Heading {
    /// How the clips were cut and what was measured.
    method: String,
    device: String,
    yardsticks: Option<String>,
}

fn heading(
    args: &EvaluateArgs,
    cut: &Cut,
    chosen: &Chosen,
    yardsticks: Option<&Yardsticks>,
) -> Heading {
    let scaled = match args.short_side {
        None => String::new(),
        Some(short) => format!("shorter side scaled to {short}, "),
    };
    Heading {
        method: format!(
            "{} frames from the start, {scaled}centre crop {}x{}, posterior mean, 8-bit frames",
            cut.frames, cut.size, cut.size
        ),
        device: chosen.name.clone(),
        yardsticks: yardsticks.map(Yardsticks::describe),
    }
}

impl Set {
    fn new(title: String, samples: Vec<Sample>) -> Self {
        Self {
            title,
            samples,
            rows: Vec::new(),
            parts: Vec::new(),
        }
    }
}
