//! Running other programs and saying so.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The root of the repository that the command was given in.
///
/// Cargo says at every start where the sources are. What was true at compile time is not: with a
/// target folder that two checkouts share, it may be the other one's.
pub(crate) fn root() -> PathBuf {
    let sources = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let root = sources.as_deref().and_then(|dir| dir.ancestors().nth(2));
    root.unwrap_or(Path::new(".")).to_owned()
}

/// A program that runs in the repository's root and finds the programs that cargo installed.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).env("PATH", search_path());
    command
}

/// The cargo that runs this command.
pub(crate) fn cargo() -> Command {
    program(&env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// Shows a command, runs it and waits.
///
/// Fails when it cannot be started or exits with anything but zero.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    println!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// What a command prints, or `None` when it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Where the first of these programs is, if any is installed.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = search_path();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let candidates = names
        .iter()
        .map(|name| format!("{name}{}", env::consts::EXE_SUFFIX))
        .flat_map(|name| folders.iter().map(move |dir| dir.join(&name)));
    candidates.into_iter().find(|file| file.is_file())
}

fn search_path() -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let all = cargo_bin().into_iter().chain(env::split_paths(&inherited));
    env::join_paths(all).unwrap_or(inherited)
}

fn cargo_bin() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    home.map(|home| home.join("bin"))
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
