//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::commands::analyse::{AnalyseArgs, analyse};
use crate::commands::bench::{BenchArgs, bench};
use crate::commands::check::{CheckArgs, check};
use crate::commands::cost::{CostArgs, cost};
use crate::commands::encode_decode::{DecodeArgs, EncodeArgs, decode, encode};
use crate::commands::evaluate::{EvaluateArgs, evaluate};
use crate::commands::export::{ExportArgs, export};
use crate::commands::import::{ImportArgs, import};
use crate::commands::index::{IndexArgs, index};
use crate::commands::publish::{PublishArgs, publish};
use crate::commands::reconstruct::{ReconstructArgs, reconstruct};
use crate::commands::tensors::{TensorsArgs, tensors};
use crate::report::{ReportArgs, report};
use crate::train::{TrainArgs, train};

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
    /// Write a run's model as it is now, finished or not.
    Export(ExportArgs),
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
            Command::Train(args) => train(&args),
            Command::Index(args) => index(&args),
            Command::Encode(args) => encode(&args),
            Command::Decode(args) => decode(&args),
            Command::Reconstruct(args) => reconstruct(&args),
            Command::Evaluate(args) => evaluate(args),
            Command::Analyse(args) => analyse(&args),
            Command::Cost(args) => cost(&args),
            Command::Report(args) => report(&args),
            Command::Export(args) => export(&args),
            Command::Publish(args) => publish(&args),
            Command::Check(args) => check(&args),
            Command::Bench(args) => bench(&args),
            Command::Import(args) => import(&args),
            Command::Tensors(args) => tensors(&args),
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
