//! Building the page.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::command::{program, root, run};

/// Where the built page is.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds the page as it is published.
pub(crate) fn build() -> Result<()> {
    let index = root().join("models/index.json");
    if !index.is_file() {
        bail!(
            "{} is missing: the page has no models to show",
            index.display()
        );
    }
    let mut trunk = program("trunk");
    trunk.args(["build", "--skip-version-check", "--cargo-profile", "web"]);
    // Trunk takes NO_COLOR for a flag of its own and refuses values such as 1.
    run(trunk.env_remove("NO_COLOR"))
}
