//! The project's commands; `cargo xtask help` lists them.

mod bench;
mod browsers;
mod command;
mod compress;
mod config_reference;
mod demo;
mod dependencies;
mod engines;
mod fuzz;
mod gpu_kit;
mod page;
mod size;
mod spelling;
mod steps;
mod system;
mod table;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, shows and tests the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page, serve it on this machine and open it in a browser
    Demo(demo::Options),
    /// Check formatting and lints, then run every test, the ones in a real browser included
    Test(test::Options),
    /// Build the page into the folder dist
    Page,
    /// Build the page into the folder dist and put compressed copies beside its files, for a static host
    Dist,
    /// Build the page and check that its downloads stay small
    Size,
    /// Write docs/config.md anew from the types of a training config
    Reference,
    /// Write models/TABLE.md anew from models/results.json
    Table,
    /// Give damaged files to everything that reads foreign bytes, for as long as you like
    Fuzz(fuzz::Options),
    /// Measure the trainer beside PyTorch
    Bench(bench::Options),
    /// Pack a trainer and frames for a machine with an NVIDIA GPU and neither Rust nor network
    GpuKit(gpu_kit::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Reference => config_reference::run(),
        Task::Table => table::run(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::GpuKit(options) => gpu_kit::make(&options),
        Task::Page => page_alone(),
        Task::Dist => {
            page_alone()?;
            compress::all(&page::dist())
        }
        Task::Size => {
            page_alone()?;
            size::check(&page::dist())
        }
    }
}

fn page_alone() -> Result<()> {
    tools::wasm_target()?;
    page::build()
}
