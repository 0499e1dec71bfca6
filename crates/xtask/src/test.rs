//! `cargo xtask test`: everything that must hold before a change is good.

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run as run_command};
use crate::steps::{self, Step};
use crate::{browsers, dependencies, engines, page, size, spelling, system, tools};

/// How much to test.
#[derive(Args)]
pub(crate) struct Options {
    /// Leave out the longest test of training, the page's build and the tests in a browser
    #[arg(long)]
    fast: bool,
}

/// The crates that run natively, with the features that need no GPU toolkit, and what of the worker
/// does. Always the same selection, so that every step shares one build of the dependencies.
pub(crate) const NATIVE: [&str; 4] = ["--workspace", "--exclude", "page", "--no-default-features"];

/// The crates that run in a browser.
const WASM: [&str; 8] = [
    "--package",
    "page",
    "--package",
    "worker",
    "--package",
    "protocol",
    "--target",
    "wasm32-unknown-unknown",
];

/// Runs the steps.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut list = vec![
        Step::new("tools", tools_of_the_sources),
        Step::new("formatting", || {
            run_cargo("fmt", &["--all", "--check"], &[])
        }),
        Step::new("lints, native", || clippy(&NATIVE, &["--all-targets"])),
        Step::new("lints, browser", || clippy(&WASM, &[])),
        Step::new("spelling", spelling::check),
        Step::new("dependencies", dependencies::check),
        Step::new("documentation, native", || doc(&NATIVE)),
        Step::new("documentation, browser", || doc(&WASM)),
        Step::new("unit and reference-vector tests", || {
            run_cargo("test", &NATIVE, &[])
        }),
        // What of it needs no browser. By itself: its dependencies would change those of the others.
        Step::new("unit tests of the page", || {
            run_cargo("test", &["--package", "page"], &[])
        }),
    ];
    if !options.fast {
        list.extend([
            Step::new("overfitting one clip", || {
                run_cargo("test", &NATIVE, &["--bins", "--", "--ignored", "overfit"])
            }),
            Step::new("browsers", || browsers::ensure().map(drop)),
            Step::new("the page's build", page::build),
            Step::new("the page's size", || size::check(&page::dist())),
            Step::new("the page's instructions", || engines::check(&page::dist())),
            Step::new("tests in a browser", browser_tests),
        ]);
    }
    steps::run(&list)
}

fn tools_of_the_sources() -> Result<()> {
    tools::lints()?;
    tools::wasm_target()?;
    system::ffmpeg()
}

fn clippy(packages: &[&str], options: &[&str]) -> Result<()> {
    run_cargo(
        "clippy",
        packages,
        &[options, &["--", "--deny", "warnings"]].concat(),
    )
}

/// Builds what `cargo doc` shows. Examples in it run with the unit tests.
fn doc(packages: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.env("RUSTDOCFLAGS", "--deny warnings").arg("doc");
    run_command(command.args(packages).arg("--no-deps"))
}

/// The browser tests are the ignored ones of the test files named after it. One at a time: each
/// has the machine's cores to itself, and a time limit means something.
fn browser_tests() -> Result<()> {
    let mut command = cargo();
    command.envs(browsers::ensure()?).arg("test").args(NATIVE);
    command.args([
        "--test",
        "browser*",
        "--",
        "--ignored",
        "--test-threads",
        "1",
    ]);
    if !browsers::HAS_WEBKIT {
        println!("Without those in WebKit, whose driver exists on Linux alone");
        command.args(["--skip", "webkit"]);
    }
    run_command(&mut command)
}

fn run_cargo(subcommand: &str, packages: &[&str], options: &[&str]) -> Result<()> {
    run_command(cargo().arg(subcommand).args(packages).args(options))
}
