//! Starting and ending Firefox.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// A browser with a profile of its own; dropping it ends it.
pub(super) struct Firefox {
    process: Child,
    address: String,
    // Deleted with the browser.
    _profile: TempDir,
}

impl Firefox {
    /// Starts the browser that the variable `FIREFOX` names (`firefox-esr` if unset).
    pub(super) fn start() -> Result<Self> {
        let program = std::env::var_os("FIREFOX").unwrap_or_else(|| OsString::from("firefox-esr"));
        let profile = TempDir::new()?;
        let mut process = Command::new(&program)
            .args(["--headless", "--no-remote", "--remote-debugging-port=0"])
            .arg("--profile")
            .arg(profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| {
                format!(
                    "{} could not be started; run cargo xtask test",
                    program.display()
                )
            })?;
        let found = bidi_address(&mut process);
        // From here on dropping the value ends the process, whatever was found.
        let mut browser = Self {
            process,
            address: String::new(),
            _profile: profile,
        };
        browser.address = found?;
        Ok(browser)
    }

    /// The WebSocket address of its WebDriver BiDi.
    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Firefox writes the address among its complaints; those are read to the end, or it would stall.
fn bidi_address(process: &mut Child) -> Result<String> {
    let stderr = process.stderr.take().context("Firefox has no stderr")?;
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines.by_ref() {
        if let Some(address) = line.strip_prefix("WebDriver BiDi listening on ") {
            let address = address.to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(address);
        }
        said.push_str(&line);
        said.push('\n');
    }
    anyhow::bail!("Firefox ended without offering WebDriver BiDi:\n{said}")
}
