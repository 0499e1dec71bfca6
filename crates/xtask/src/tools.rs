//! The tools that building and testing need beside cargo.

use std::fs;

use anyhow::{Context, Result};

use crate::command::{cargo, output, program, run};

/// What the page's modules are compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that the toolchain can compile for the browser.
pub(crate) fn wasm_target() -> Result<()> {
    let rustc = || program("rustc");
    let libraries = output(rustc().args(["--print", "target-libdir", "--target", WASM]));
    if libraries.is_some_and(|folder| fs::exists(folder).unwrap_or(false)) {
        return Ok(());
    }
    println!("Adding the compilation target {WASM} (a download of about 20 MB)");
    run(program("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("please add the target {WASM} to your Rust toolchain"))
}

/// Makes sure that rustfmt and clippy are there.
pub(crate) fn lints() -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = component.trim_start_matches("rust");
        if output(cargo().args([subcommand, "--version"])).is_none() {
            run(program("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}
