//! A page in a browser, its elements found by their `data-testid`.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::driver::Driver;
use super::tab::Tab;

/// A page and its workers, in Chromium if nothing else is said.
pub struct Page<D: Driver = Tab> {
    pub(super) driver: D,
}

impl<D: Driver> Page<D> {
    /// A page that a driver has opened, once it is loaded.
    ///
    /// # Errors
    /// If that takes longer than a minute.
    pub fn new(driver: D) -> Result<Self> {
        let mut page = Self { driver };
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
        let value = self.driver.evaluate(expression)?;
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
                let problems = self.driver.problems()?.join("\n");
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
        let chosen = self.driver.choose_files(&element(id), files);
        chosen.with_context(|| format!("files for {id}"))
    }

    /// Fails if the console has shown an error.
    ///
    /// # Errors
    /// With the console's errors.
    pub fn check_console(&mut self) -> Result<()> {
        let problems = self.driver.problems()?;
        ensure!(
            problems.is_empty(),
            "the console shows errors:\n{}",
            problems.join("\n")
        );
        Ok(())
    }
}

/// JavaScript for the first element with this `data-testid`, or null.
pub fn element(id: &str) -> String {
    format!("document.querySelector('[data-testid={}]')", json!(id))
}
