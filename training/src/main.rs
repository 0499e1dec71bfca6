//! `trainer`: trains, evaluates and exports the video autoencoders, and runs them on files.

mod checkpoint;
mod cli;
mod commands;
mod config;
mod device;
mod export;
mod initialisation;
mod losses;
mod optim;
mod panics;
mod report;
mod train;

use std::process::ExitCode;

use clap::Parser;

/// What every failure exits with: nothing was overwritten.
const FAILURE: u8 = 2;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // `{:#}` prints the whole chain of causes on one line.
            eprintln!("error: {error:#}");
            ExitCode::from(FAILURE)
        }
    }
}
