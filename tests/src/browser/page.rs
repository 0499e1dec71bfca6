//! A page in the browser, its elements found by their `data-testid`.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::devtools::DevTools;

/// A page and its workers.
pub struct Page {
    devtools: DevTools,
    session: String,
}

impl Page {
    /// Opens an address in a browser whose DevTools are at `browser`.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn open(browser: &str, address: &str) -> Result<Self> {
        let mut devtools = DevTools::connect(browser)?;
        let target = json!({ "url": "about:blank" });
        let target = devtools.call(None, "Target.createTarget", target)?["targetId"].take();
        let attach = json!({ "targetId": target, "flatten": true });
        let session = devtools.call(None, "Target.attachToTarget", attach)?;
        let session = session["sessionId"]
            .as_str()
            .context("no session")?
            .to_owned();
        devtools.watch(&session)?;
        devtools.call(Some(&session), "Inspector.enable", json!({}))?;
        let mut page = Self { devtools, session };
        page.call("Page.navigate", json!({ "url": address }))?;
        page.wait(
            "the document",
            Duration::from_secs(60),
            "document.readyState === 'complete'",
        )?;
        Ok(page)
    }

    /// The value of a JavaScript expression; promises are waited for.
    ///
    /// # Errors
    /// If it throws or its value is of another type.
    pub fn evaluate<T: DeserializeOwned>(&mut self, expression: &str) -> Result<T> {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", params)?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{expression} threw {}", details["exception"]["description"]);
        }
        let value = answer["result"]["value"].take();
        serde_json::from_value(value).with_context(|| format!("the value of {expression}"))
    }

    /// Waits until a JavaScript expression is true.
    ///
    /// # Errors
    /// If that takes longer than `limit`; `what` says what was waited for.
    pub fn wait(&mut self, what: &str, limit: Duration, condition: &str) -> Result<()> {
        let start = Instant::now();
        while !self.evaluate::<bool>(&format!("Boolean({condition})"))? {
            if start.elapsed() > limit {
                let seconds = limit.as_secs();
                let problems = self.devtools.problems().join("\n");
                bail!("{what} did not come within {seconds} s; {condition}\n{problems}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The text of an element, without the space around it.
    ///
    /// # Errors
    /// If there is no such element.
    pub fn text(&mut self, id: &str) -> Result<String> {
        let text: Option<String> =
            self.evaluate(&format!("{}?.textContent.trim()", element(id)))?;
        text.with_context(|| format!("the page has no {id}"))
    }

    /// Whether an element is there and shown.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn shows(&mut self, id: &str) -> Result<bool> {
        self.evaluate(&format!("Boolean({}?.checkVisibility())", element(id)))
    }

    /// Clicks an element.
    ///
    /// # Errors
    /// If it is missing or disabled.
    pub fn click(&mut self, id: &str) -> Result<()> {
        let script = "e => e && !e.disabled ? (e.click(), true) : false";
        let clicked: bool = self.evaluate(&format!("({script})({})", element(id)))?;
        ensure!(clicked, "{id} is missing or disabled");
        Ok(())
    }

    /// Gives an input or a choice a value, as a visitor would.
    ///
    /// # Errors
    /// If it is missing or does not take the value.
    pub fn set(&mut self, id: &str, value: &str) -> Result<()> {
        let script = "(e, value) => { if (!e) return null; e.value = value; \
            for (const kind of ['input', 'change']) \
                e.dispatchEvent(new Event(kind, { bubbles: true })); \
            return e.value; }";
        let call = format!("({script})({}, {})", element(id), json!(value));
        let taken: Option<String> = self.evaluate(&call)?;
        ensure!(
            taken.as_deref() == Some(value),
            "{id} does not take {value}: {taken:?}"
        );
        Ok(())
    }

    /// Chooses files in a file input.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn choose_files(&mut self, id: &str, files: &[&Path]) -> Result<()> {
        let params = json!({ "expression": element(id) });
        let found = self.call("Runtime.evaluate", params)?;
        let object = found["result"]["objectId"].as_str();
        let object = object.with_context(|| format!("the page has no {id}"))?;
        let params = json!({ "files": files, "objectId": object });
        self.call("DOM.setFileInputFiles", params)?;
        Ok(())
    }

    /// Drops files onto a place of the window, as from a file manager.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn drop_files(&mut self, (x, y): (f64, f64), files: &[&Path]) -> Result<()> {
        const COPY: u8 = 1;
        let data = json!({ "items": [], "files": files, "dragOperationsMask": COPY });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let params = json!({ "type": kind, "x": x, "y": y, "data": data });
            self.call("Input.dispatchDragEvent", params)?;
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
            self.call("Input.dispatchKeyEvent", params)?;
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
        self.call("Emulation.setDeviceMetricsOverride", params)?;
        Ok(())
    }

    /// Lets the page save files, and says where.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn save_to(&mut self, folder: &Path) -> Result<()> {
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools
            .call(None, "Browser.setDownloadBehavior", params)?;
        Ok(())
    }

    /// Ends the browser's GPU process, as a driver that hangs does; the browser starts another.
    ///
    /// # Errors
    /// If the browser cannot.
    pub fn crash_gpu(&mut self) -> Result<()> {
        self.devtools
            .call(None, "Browser.crashGpuProcess", json!({}))?;
        Ok(())
    }

    /// Fails if the console of the page or of one of its workers has shown an error.
    ///
    /// # Errors
    /// With the console's errors.
    pub fn check_console(&mut self) -> Result<()> {
        // What was sent before this answer has been read with it.
        self.evaluate::<bool>("true")?;
        let problems = self.devtools.problems();
        ensure!(
            problems.is_empty(),
            "the console shows errors:\n{}",
            problems.join("\n")
        );
        Ok(())
    }

    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.devtools.call(Some(&self.session), method, params)
    }
}

/// JavaScript for the first element with this `data-testid`, or null.
pub fn element(id: &str) -> String {
    format!("document.querySelector('[data-testid={}]')", json!(id))
}
