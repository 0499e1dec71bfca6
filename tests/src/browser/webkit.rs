//! Starting and ending WebKit: a screen that nobody sees, and the driver that opens the browser on it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The driver's process and its screen; dropping it ends both, and with the screen the browser.
pub(super) struct WebKit {
    screen: Child,
    driver: Option<Child>,
    port: u16,
    // Deleted with the browser.
    home: TempDir,
}

impl WebKit {
    /// Starts the driver that the variable `WEBKIT_DRIVER` names (`WebKitWebDriver` if unset).
    pub(super) fn start() -> Result<Self> {
        let home = TempDir::new()?;
        let screen = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24"])
            .args(["-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb could not be started; run cargo xtask test")?;
        // From here on dropping the value ends the processes.
        let mut webkit = Self {
            screen,
            driver: None,
            port: free_port()?,
            home,
        };
        let display = webkit.display()?;
        webkit.driver = Some(webkit.start_driver(&display)?);
        Ok(webkit)
    }

    /// The HTTP address of its WebDriver.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The screen's number, which it writes when it is ready.
    fn display(&mut self) -> Result<String> {
        let stdout = self.screen.stdout.take().context("Xvfb has no stdout")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(!line.trim().is_empty(), "Xvfb ended without a screen");
        Ok(format!(":{}", line.trim()))
    }

    fn start_driver(&self, display: &str) -> Result<Child> {
        let program = std::env::var_os("WEBKIT_DRIVER");
        let program = program.unwrap_or_else(|| OsString::from("WebKitWebDriver"));
        Command::new(&program)
            .arg(format!("--port={}", self.port))
            .env("DISPLAY", display)
            .env("HOME", self.home.path())
            .env_remove("WAYLAND_DISPLAY")
            // WebKit's own sandbox needs rights that a container may not have. The page is ours.
            .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!(
                    "{} could not be started; run cargo xtask test",
                    program.display()
                )
            })
    }
}

impl Drop for WebKit {
    fn drop(&mut self) {
        // They may have ended by themselves, which is what is wanted.
        for process in self.driver.iter_mut().chain([&mut self.screen]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The driver must be told one; whoever takes it in between makes the test fail, not pass.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
