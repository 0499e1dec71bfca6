//! `trainer`: trains, evaluates and exports the video autoencoders, and runs them on files.

#![warn(clippy::print_stderr, clippy::print_stdout)]

#[macro_use]
mod say;

mod checkpoint;
mod cli;
mod commands;
mod config;
mod decoding;
mod device;
mod export;
mod initialisation;
mod losses;
mod optim;
mod panics;
mod report;
mod shell;
mod train;

use std::process::ExitCode;

use clap::Parser;

/// What every failure exits with: nothing was overwritten.
const FAILURE: u8 = 2;
/// What an interrupted run exits with, as shells expect.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let Err(error) = cli::Cli::parse().run() else {
        return ExitCode::SUCCESS;
    };
    if let Some(interrupted) = error.downcast_ref::<train::Interrupted>() {
        note!("{interrupted}");
        return ExitCode::from(INTERRUPTED);
    }
    note!("error: {}", said_once(&error));
    ExitCode::from(FAILURE)
}

/// An error and its causes on one line, without those that it names itself.
fn said_once(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow!("no such file").context("`ffmpeg` could not be run: no such file");
        assert_eq!(
            said_once(&error.context("it failed")),
            "it failed: `ffmpeg` could not be run: no such file"
        );
    }
}
