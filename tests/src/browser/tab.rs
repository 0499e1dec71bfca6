//! A page in Chromium.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::chromium::{Chromium, Gpu};
use super::devtools::DevTools;
use super::driver::Driver;

/// A tab of a Chromium of its own.
pub struct Tab {
    pub(super) devtools: DevTools,
    session: String,
    _browser: Chromium,
}

impl Tab {
    /// Opens an address.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn open(gpu: Gpu, address: &str) -> Result<Self> {
        let browser = Chromium::start(gpu)?;
        let mut devtools = DevTools::connect(browser.address())?;
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
        let mut tab = Self {
            devtools,
            session,
            _browser: browser,
        };
        tab.call("Page.navigate", json!({ "url": address }))?;
        Ok(tab)
    }

    pub(super) fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.devtools.call(Some(&self.session), method, params)
    }
}

impl Driver for Tab {
    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", params)?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{expression} threw {}", details["exception"]["description"]);
        }
        Ok(answer["result"]["value"].take())
    }

    fn choose_files(&mut self, input: &str, files: &[&Path]) -> Result<()> {
        let found = self.call("Runtime.evaluate", json!({ "expression": input }))?;
        let object = found["result"]["objectId"].as_str();
        let object = object.context("there is no such input")?;
        let params = json!({ "files": files, "objectId": object });
        self.call("DOM.setFileInputFiles", params)?;
        Ok(())
    }

    fn problems(&mut self) -> Result<Vec<String>> {
        // What was sent before this answer has been read with it.
        self.evaluate("true")?;
        Ok(self.devtools.problems().to_vec())
    }
}
