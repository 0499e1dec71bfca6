//! The project's commands: `cargo xtask demo`, `cargo xtask test`, `cargo xtask size`,
//! `cargo xtask bench` and `cargo xtask gpu-kit`.

mod bench;
mod chromium;
mod command;
mod config_reference;
mod demo;
mod gpu_kit;
mod page;
mod size;
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
    /// Build the page and check that its downloads stay small
    Size,
    /// Write docs/config.md anew from the types of a training config
    Reference,
    /// Write models/TABLE.md anew from models/results.json
    Table,
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
        Task::Bench(options) => bench::run(&options),
        Task::GpuKit(options) => gpu_kit::make(&options),
        Task::Size => {
            tools::for_the_page()?;
            page::build()?;
            size::check(&page::dist())
        }
    }
}
