//! `cargo xtask demo`: the page on this machine.

use anyhow::{Context, Result};
use clap::Args;
use xtask::serve::Site;

use crate::{page, tools};

/// How to show the page.
#[derive(Args)]
pub(crate) struct Options {
    /// The first port to try; busy ones are skipped
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Ports that are tried before giving up.
const PORTS: u16 = 20;

/// Builds the page and serves it until the command is interrupted.
pub(crate) fn run(options: &Options) -> Result<()> {
    tools::wasm_target()?;
    println!("Building the page (about 10 minutes the first time on two cores)");
    page::build()?;
    let site = serve(options.port)?;
    println!("\nThe page is at {}  (Ctrl-C ends it)", site.address());
    if !options.no_open && open::that_detached(site.address()).is_err() {
        println!("No browser could be opened: please open that address in Chrome or Edge.");
    }
    site.wait()
}

fn serve(first: u16) -> Result<Site> {
    let dist = page::dist();
    let last = first.saturating_add(PORTS - 1);
    let opened = (first..=last).find_map(|port| Site::open(&dist, port).ok());
    opened.with_context(|| {
        format!("the ports {first} to {last} are all busy; please choose another with --port")
    })
}
