//! The browsers that the tests drive, one of each engine.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::find;
use crate::system;

/// A browser, or the program that drives it.
struct Browser {
    name: &'static str,
    /// The variable that names its program to the tests.
    variable: &'static str,
    programs: &'static [&'static str],
    /// Those of Debian.
    packages: &'static [&'static str],
}

const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "chrome",
    ],
    packages: &["chromium"],
};
const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    programs: &["firefox-esr", "firefox"],
    packages: &["firefox-esr"],
};
const WEBKIT: Browser = Browser {
    name: "WebKit",
    variable: "WEBKIT_DRIVER",
    programs: &["WebKitWebDriver"],
    packages: &["webkit2gtk-driver"],
};
/// WebKit draws on a screen, which nobody has to see.
const SCREEN: &str = "Xvfb";

/// Whether WebKit can be driven here. Its driver and its screen are programs of Linux.
pub(crate) const HAS_WEBKIT: bool = cfg!(target_os = "linux");

/// Installs what is missing; gives the variables that name the browsers to the tests.
pub(crate) fn ensure() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut browsers = vec![CHROMIUM, FIREFOX];
    if HAS_WEBKIT {
        browsers.push(WEBKIT);
        if find(&[SCREEN]).is_none() {
            system::install(SCREEN, &["xvfb"])?;
        }
    }
    let found = browsers.iter().map(|browser| {
        let program = browser.ensure()?;
        println!("{}: {}", browser.name, program.display());
        Ok((browser.variable, program))
    });
    found.collect()
}

impl Browser {
    /// What the variable says, else the first program that is installed, else a package.
    fn ensure(&self) -> Result<PathBuf> {
        let chosen = env::var_os(self.variable).map(PathBuf::from);
        if let Some(program) = chosen.or_else(|| find(self.programs)) {
            return Ok(program);
        }
        system::install(self.name, self.packages)?;
        find(self.programs).with_context(|| {
            format!(
                "{} was installed but is not on the PATH; set {} to its path",
                self.name, self.variable
            )
        })
    }
}
