//! `cargo xtask bench train`: the trainer beside PyTorch on the same machine, the same model and the
//! same step. First both must give the same numbers, then both are timed.

mod options;
mod sides;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};

use crate::command::root;
use options::Train;
use sides::{Peer, Trainer};
use table::{Difference, Side};

/// The largest difference of the two sides' numbers, as a share of the largest number.
const LIMIT: f64 = 1e-3;

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Training steps of presets, beside PyTorch
    Train(Train),
}

/// Measures what was asked for.
pub(crate) fn run(options: &Options) -> Result<()> {
    let What::Train(train) = &options.what;
    ensure!(
        train.steps > 0 && train.rounds > 0,
        "--steps and --rounds must be at least 1"
    );
    // What may be missing is looked for before the build.
    let peer = Peer::find(train)?;
    let trainer = Trainer::build(train)?;
    let mut rows = Vec::new();
    for preset in &train.preset {
        let case = root().join("target/bench").join(preset);
        trainer.write_case(preset, weights(preset).as_deref(), &case)?;
        same_numbers(preset, &peer.differences(&case)?)?;
        rows.extend(measure(preset, &trainer, &peer, &case, train.rounds)?);
    }
    println!("\n{}", table::HEADER);
    rows.iter().for_each(|row| println!("{row}"));
    println!(
        "\n{} threads. Times are medians of {} steps, {} in each of {} processes a side that took \
         turns; memory is the most that any of them held. A ratio above 1 is in the trainer's favour.",
        train.threads(),
        train.steps * train.rounds,
        train.steps,
        train.rounds
    );
    Ok(())
}

/// The weights that the page ships under a preset's name, if it does: more of a test than fresh ones.
fn weights(preset: &str) -> Option<std::path::PathBuf> {
    let folder = root().join("models").join(preset);
    folder.is_dir().then_some(folder)
}

/// Fails if the two sides do not compute the same: their times could not be compared.
fn same_numbers(preset: &str, differences: &[Difference]) -> Result<()> {
    let worst = table::worst(differences);
    println!("{preset}: {}", table::describe(differences));
    ensure!(
        !differences.is_empty() && worst <= LIMIT,
        "PyTorch and the trainer differ by {worst:.1e} of the largest number on {preset}, and may by \
         {LIMIT:.0e}"
    );
    Ok(())
}

fn measure(
    preset: &str,
    trainer: &Trainer,
    peer: &Peer,
    case: &Path,
    rounds: usize,
) -> Result<Vec<String>> {
    let (mut ours, mut theirs) = (Side::default(), Side::default());
    for round in 1..=rounds {
        ours.add(trainer.measure(preset)?);
        theirs.add(peer.measure(case)?);
        println!("{preset}: round {round} of {rounds}; {}", load());
    }
    println!("{preset}: {} beside {}", ours.version, theirs.version);
    Ok(table::rows(preset, &ours, &theirs))
}

/// How busy the machine is, in words, where the system tells (Linux).
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split_whitespace().next().unwrap_or("unknown");
    format!("load average of the last minute {minute}")
}
