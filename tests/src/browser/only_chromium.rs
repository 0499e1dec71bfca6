//! What only Chromium can be told.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::page::Page;
use super::tab::Tab;

impl Page<Tab> {
    /// Drops files onto a place of the window, as from a file manager.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn drop_files(&mut self, (x, y): (f64, f64), files: &[&Path]) -> Result<()> {
        const COPY: u8 = 1;
        let data = json!({ "items": [], "files": files, "dragOperationsMask": COPY });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let params = json!({ "type": kind, "x": x, "y": y, "data": data });
            self.driver.call("Input.dispatchDragEvent", params)?;
        }
        Ok(())
    }

    /// Presses and releases a key that writes something.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn press(&mut self, key: &str) -> Result<()> {
        for (kind, text) in [("keyDown", key), ("keyUp", "")] {
            let params = json!({ "type": kind, "key": key, "text": text });
            self.driver.call("Input.dispatchKeyEvent", params)?;
        }
        Ok(())
    }

    /// Makes the window as large as a telephone's or another screen.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<()> {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600
        });
        self.driver
            .call("Emulation.setDeviceMetricsOverride", params)?;
        Ok(())
    }

    /// Lets the page save files, and says where.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn save_to(&mut self, folder: &Path) -> Result<()> {
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.driver
            .devtools
            .call(None, "Browser.setDownloadBehavior", params)?;
        Ok(())
    }

    /// Ends the browser's GPU process, as a driver that hangs does; the browser starts another.
    ///
    /// # Errors
    /// If the browser cannot.
    pub fn crash_gpu(&mut self) -> Result<()> {
        self.driver
            .devtools
            .call(None, "Browser.crashGpuProcess", json!({}))?;
        Ok(())
    }
}
