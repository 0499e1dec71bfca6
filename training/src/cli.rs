//! The command line.

mod codec;
mod devices;
mod evaluate;
mod train;
mod values;
mod weights;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::commands;

pub(crate) use codec::{DecodeArgs, EncodeArgs, ModelArgs, ReconstructArgs};
pub(crate) use devices::{BenchArgs, CheckArgs, CostArgs};
pub(crate) use evaluate::{AnalyseArgs, CutArgs, EvaluateArgs, Scaling};
pub(crate) use train::{IndexArgs, PublishArgs, ReportArgs, TrainArgs};
pub(crate) use weights::{ImportArgs, TensorsArgs, Which};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
