//! The tools that build the page: the wasm target, Trunk and wasm-bindgen.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command::{cargo, find, output, private_tools, program, root, run};

const WASM: &str = "wasm32-unknown-unknown";
const TRUNK: &str = "0.21.14";

/// Makes sure that everything is there that building the page needs.
pub(crate) fn for_the_page() -> Result<()> {
    wasm_target()?;
    trunk()?;
    wasm_bindgen()
}

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

fn trunk() -> Result<()> {
    // Other releases of the same series read the same configuration.
    let series = TRUNK.rsplit_once('.').map_or(TRUNK, |(series, _)| series);
    let fits = |version: &str| version.starts_with(series);
    ensure(
        "trunk",
        "trunk",
        TRUNK,
        fits,
        &["--locked"],
        "about 10 minutes",
    )
}

fn wasm_bindgen() -> Result<()> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock is missing")?;
    let version = locked_version(&lock, "wasm-bindgen")?;
    let fits = |found: &str| found == version;
    // Not --locked: any release of its dependencies will do, and they stay installable.
    ensure(
        "wasm-bindgen",
        "wasm-bindgen-cli",
        &version,
        fits,
        &[],
        "about 5 minutes",
    )
}

/// Finds a program of a fitting version, or installs it: among cargo's programs if there is none
/// of that name yet, else beside the build so that nobody loses the version they use elsewhere.
fn ensure(
    name: &str,
    package: &str,
    version: &str,
    fits: impl Fn(&str) -> bool,
    options: &[&str],
    duration: &str,
) -> Result<()> {
    let found = output(program(name).arg("--version"));
    let found = found
        .as_deref()
        .and_then(|text| text.split_whitespace().nth(1));
    if found.is_some_and(fits) {
        return Ok(());
    }
    let mut install = cargo();
    install
        .args(["install", package, "--version", version])
        .args(options);
    // The lints and flags of this workspace are not the tool's, and its own folder keeps the
    // workspace's build as it is.
    install
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .current_dir("/");
    match found {
        None => println!("{name} is missing; installing {version} among cargo's programs"),
        Some(found) => {
            println!("{name} is {found}, {version} is needed; installing it in target/tools");
            install.arg("--root").arg(private_tools()).arg("--force");
        }
    }
    println!("(once, from source: {duration} on two cores)");
    run(&mut install).with_context(|| format!("{package} {version} could not be installed"))?;
    find(&[name]).with_context(|| format!("{name} was installed but cannot be found"))?;
    Ok(())
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The version of a package in a lock file.
fn locked_version(lock: &str, name: &str) -> Result<String> {
    let lock: Lock = toml::from_str(lock).context("Cargo.lock cannot be read")?;
    let package = lock
        .package
        .into_iter()
        .find(|package| package.name == name);
    package
        .map(|package| package.version)
        .with_context(|| format!("Cargo.lock has no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_found_by_the_whole_name() {
        let lock = "version = 4\n\
            [[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").unwrap(), "0.2.130");
        assert!(locked_version(lock, "wasm").is_err());
        assert!(locked_version("no lock", "wasm-bindgen").is_err());
    }
}
