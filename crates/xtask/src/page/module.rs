//! One WebAssembly module of the page: compiled by cargo, bound to JavaScript by wasm-bindgen.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::names::hashed;
use crate::command::{cargo, root, run};
use crate::tools::WASM;

/// Where a module runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ES module of the page.
    Page,
    /// A classic script of a worker.
    Worker,
}

/// The names of a module's two files.
pub(super) struct Module {
    pub(super) script: String,
    pub(super) wasm: String,
}

/// Compiles a package whose binary has the same name, and writes its module into a folder.
///
/// One package at a time: together they get every feature that one of them asks for, and the page's
/// module is four times its size.
pub(super) fn build(binary: &str, kind: Kind, into: &Path) -> Result<Module> {
    run(cargo()
        .args(["build", "--package", binary, "--profile", "web"])
        .args(["--target", WASM]))?;
    let compiled = target_folder().join(format!("{WASM}/web/{binary}.wasm"));
    bind(&compiled, binary, kind, into)
}

/// What wasm-bindgen makes of a compiled module.
fn bind(compiled: &Path, name: &str, kind: Kind, into: &Path) -> Result<Module> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true);
    match kind {
        Kind::Page => bindgen.web(true)?,
        Kind::Worker => bindgen.no_modules(true)?,
    };
    let bound = || format!("wasm-bindgen cannot use {}", compiled.display());
    bindgen.generate(into).with_context(bound)?;
    Ok(Module {
        script: renamed(into, name, "js")?,
        wasm: renamed(into, &format!("{name}_bg"), "wasm")?,
    })
}

/// Gives a file that was just written a name that changes with its contents.
fn renamed(folder: &Path, stem: &str, extension: &str) -> Result<String> {
    let plain = folder.join(format!("{stem}.{extension}"));
    let contents = fs::read(&plain).with_context(|| format!("{} is missing", plain.display()))?;
    let name = hashed(stem, extension, &contents);
    fs::rename(&plain, folder.join(&name))?;
    Ok(name)
}

fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
