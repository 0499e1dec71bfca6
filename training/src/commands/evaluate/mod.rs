//! `evaluate`: models, masks and yardsticks side by side on sets of clips.

mod coding;
mod latents;
mod networks;
mod protocol;
mod record;
mod rfvd;
mod rows;
mod sets;
mod table;
mod topk;
mod yardsticks;

use anyhow::Result;
use indicatif::ProgressBar;

use super::footage::Sample;
use super::perceptual::Perceptual;
use super::score::Pixels;
use crate::checkpoint::write_whole;
use crate::cli::EvaluateArgs;
use crate::device::{Chosen, choose};
use crate::export;
use coding::Coding;
use latents::Latents;
use networks::Networks;
pub(crate) use protocol::Protocol;
use rfvd::ClipNetwork;
pub(crate) use rfvd::FvdMode;
use rows::{masks, model_rows};
use sets::{Set, others, sets};
use yardsticks::Yardsticks;

/// Runs `evaluate`: prints a Markdown table for every set of clips, with a row for every model,
/// mask and yardstick.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<()> {
    let chosen = choose(args.device)?;
    let networks = Networks::open(args, &chosen.device)?;
    let mut sets = sets(args)?;
    let others = args
        .fit
        .as_ref()
        .map(|folder| others(folder, &args.cut, &sets))
        .transpose()?;
    let yardsticks = args
        .yardsticks
        .then(|| Yardsticks::fit(others.as_deref()))
        .transpose()?;

    let others = others.unwrap_or_default();
    let latents = fill(args, &mut sets, &chosen, &others, &networks)?;
    if let Some(yardsticks) = &yardsticks {
        for set in &mut sets {
            let counts = yardsticks::counts(&args.coefficients, &set.rows);
            let rows = yardsticks.rows(&set.samples, &counts, &networks)?;
            set.rows.extend(rows);
        }
    }

    let heading = heading(args, &chosen, yardsticks.as_ref(), networks);
    print!(
        "{}{}{}",
        table::document(&heading, &sets, args.per_clip)?,
        latents::table(&latents),
        record::provenance(&sets)
    );
    if let Some(path) = &args.json {
        let record = record::record(&heading, &sets, &latents)?;
        write_whole(path, format!("{record:#}\n").as_bytes())?;
    }
    Ok(())
}

/// Adds the rows of every model and mask to every set; what the models' latents of the first set
/// are made of, if asked for.
fn fill(
    args: &EvaluateArgs,
    sets: &mut [Set],
    chosen: &Chosen,
    others: &[Sample],
    networks: &Networks,
) -> Result<Vec<Latents>> {
    let mut latents = Vec::new();
    let clips: usize = sets.iter().map(|set| set.samples.len()).sum();
    let rounds = args.model.len() + usize::from(networks.clips.is_some());
    let bar = ProgressBar::new((clips * rounds) as u64).with_message("measuring");
    for set in sets.iter_mut() {
        if let Some(network) = &networks.clips {
            for sample in &set.samples {
                set.logits.push(network.logits(&Pixels::of(&sample.clip))?);
                bar.inc(1);
            }
        }
        set.rows.extend(rows::input(&set.samples, networks)?);
    }
    let coding = Coding::of(args);
    for folder in &args.model {
        let codec = export::read(Some(folder), chosen.device.clone())?;
        let codec = codec.with_input(args.protocol.input());
        let mut masks = masks(&args.mask, codec.model.config())?;
        masks.extend(topk::trials(&codec, &args.topk, others)?);
        for set in sets.iter_mut() {
            let samples = &set.samples;
            let rows = model_rows(folder, &codec, &masks, samples, coding, networks, &bar)?;
            set.rows.extend(rows);
        }
        if let Some(set) = sets.first().filter(|_| args.latents) {
            latents.push(Latents::of(folder, &codec, &set.samples)?);
        }
    }
    bar.finish_and_clear();
    Ok(latents)
}

/// What is said of all sets together.
struct Heading {
    /// How the clips were cut and what was measured.
    method: String,
    protocol: Protocol,
    device: String,
    yardsticks: Option<String>,
    /// What the perceptual distance may be called.
    distance: Option<String>,
    rfvd: Option<ClipNetwork>,
}

fn heading(
    args: &EvaluateArgs,
    chosen: &Chosen,
    yardsticks: Option<&Yardsticks>,
    networks: Networks,
) -> Heading {
    Heading {
        method: format!(
            "{}, {}, {}",
            args.cut.describe(),
            Coding::of(args).describe(),
            args.protocol.describe()
        ),
        protocol: args.protocol,
        device: chosen.name.clone(),
        yardsticks: yardsticks.map(Yardsticks::describe),
        distance: networks.frames.as_ref().map(Perceptual::name),
        rfvd: networks.clips,
    }
}
