//! The browser that the tests drive.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::find;
use crate::system;

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
];

/// Where Chromium or Chrome is: `$CHROMIUM` if set, else the first one installed, else it is
/// installed from the system's packages.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(chosen));
    }
    if let Some(found) = find(&NAMES) {
        return Ok(found);
    }
    // Ubuntu has it under its old name.
    let ubuntu = std::fs::read_to_string("/etc/os-release")
        .is_ok_and(|release| release.lines().any(|line| line == "ID=ubuntu"));
    system::install(
        "Chromium",
        &[if ubuntu {
            "chromium-browser"
        } else {
            "chromium"
        }],
    )?;
    find(&NAMES).context("Chromium was installed but is not on the PATH; set CHROMIUM to its path")
}
