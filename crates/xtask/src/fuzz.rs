//! `cargo xtask fuzz`: damaged files for everything that reads foreign bytes, for as long as one likes.

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run as run_command};
use crate::test::NATIVE;

/// How long, and what.
#[derive(Args)]
pub(crate) struct Options {
    /// Only the tests with this in their names, such as `weight`
    target: Option<String>,
    /// Seconds for each
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Runs the tests named `fuzz` one after another, with other inputs than last time.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut test = cargo();
    test.env("FUZZ_SECONDS", options.seconds.to_string());
    test.arg("test").args(NATIVE).args(["--test", "fuzz", "--"]);
    test.args(["--nocapture", "--test-threads", "1"]);
    run_command(test.args(&options.target))
}
