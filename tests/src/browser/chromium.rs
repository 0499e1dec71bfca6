//! Starting and ending Chromium.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// What WebGPU the browser offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// An adapter that runs on the CPU.
    Software,
    /// None at all.
    None,
}

/// A browser with a profile of its own; dropping it ends it.
pub struct Chromium {
    process: Child,
    address: String,
    // Deleted with the browser.
    _profile: TempDir,
}

/// Nothing that reaches out, nothing that asks, one window.
const QUIET: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

const SOFTWARE_GPU: [&str; 3] = [
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan,WebGPU",
];

const NO_GPU: [&str; 1] = ["--disable-gpu"];

impl Chromium {
    /// Starts the browser that the variable `CHROMIUM` names (`chromium` if unset).
    ///
    /// # Errors
    /// If it cannot be started or offers no DevTools address.
    pub fn start(gpu: Gpu) -> Result<Self> {
        let program = std::env::var_os("CHROMIUM").unwrap_or_else(|| OsString::from("chromium"));
        let profile = TempDir::new()?;
        let webgpu: &[&str] = match gpu {
            Gpu::Software => &SOFTWARE_GPU,
            Gpu::None => &NO_GPU,
        };
        let mut process = Command::new(&program)
            .args(QUIET)
            .args(webgpu)
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
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
        let found = devtools_address(&mut process);
        // From here on dropping the value ends the process, whatever was found.
        let mut browser = Self {
            process,
            address: String::new(),
            _profile: profile,
        };
        browser.address = found?;
        Ok(browser)
    }

    /// The WebSocket address of its DevTools.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Chromium writes the address among its complaints; those are read to the end, or it would stall.
fn devtools_address(process: &mut Child) -> Result<String> {
    let stderr = process.stderr.take().context("Chromium has no stderr")?;
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines.by_ref() {
        if let Some(address) = line.strip_prefix("DevTools listening on ") {
            let address = address.to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(address);
        }
        said.push_str(&line);
        said.push('\n');
    }
    anyhow::bail!("Chromium ended without offering DevTools:\n{said}")
}
