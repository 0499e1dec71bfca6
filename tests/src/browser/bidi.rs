//! WebDriver BiDi, which Firefox speaks: JSON messages over one WebSocket.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::driver::Driver;
use super::firefox::Firefox;
use super::messages::Messages;

/// A page in a Firefox of its own.
pub(super) struct Bidi {
    messages: Messages,
    context: String,
    problems: Vec<String>,
    _browser: Firefox,
}

impl Bidi {
    /// Opens an address.
    ///
    /// # Errors
    /// If the browser refuses.
    pub(super) fn open(address: &str) -> Result<Self> {
        let browser = Firefox::start()?;
        let mut bidi = Self {
            messages: Messages::connect(&format!("{}/session", browser.address()))?,
            context: String::new(),
            problems: Vec::new(),
            _browser: browser,
        };
        bidi.call("session.new", json!({ "capabilities": {} }))?;
        let events = json!({ "events": ["log.entryAdded"] });
        bidi.call("session.subscribe", events)?;
        let tree = bidi.call("browsingContext.getTree", json!({}))?;
        let context = tree["contexts"][0]["context"].as_str();
        bidi.context = context.context("Firefox has no tab")?.to_owned();
        let params = json!({ "context": bidi.context, "url": address, "wait": "complete" });
        bidi.call("browsingContext.navigate", params)?;
        Ok(bidi)
    }

    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        let id = self
            .messages
            .send(json!({ "method": method, "params": params }))?;
        let problems = &mut self.problems;
        let answer = self.messages.answer(id, |_, event| {
            problems.extend(problem(event));
            Ok(())
        });
        let mut answer = answer.with_context(|| method.to_owned())?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}, {}", answer["message"]);
        }
        Ok(answer["result"].take())
    }

    fn script(&mut self, expression: &str) -> Result<Value> {
        let params = json!({
            "expression": expression,
            "target": { "context": self.context },
            "awaitPromise": true,
        });
        let mut answer = self.call("script.evaluate", params)?;
        if answer["type"] == "exception" {
            bail!("{expression} threw {}", answer["exceptionDetails"]["text"]);
        }
        Ok(answer["result"].take())
    }
}

impl Driver for Bidi {
    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        // As text: the protocol's own values come with the type of every number.
        let text = format!("(async () => JSON.stringify((await ({expression})) ?? null))()");
        let answer = self.script(&text)?;
        let text = answer["value"].as_str().context("no value")?;
        Ok(serde_json::from_str(text)?)
    }

    fn choose_files(&mut self, input: &str, files: &[&Path]) -> Result<()> {
        let found = self.script(input)?;
        let element = found["sharedId"].as_str();
        let element = element.context("there is no such input")?;
        let params = json!({
            "context": self.context,
            "element": { "sharedId": element },
            "files": files,
        });
        self.call("input.setFiles", params)?;
        Ok(())
    }

    fn problems(&mut self) -> Result<Vec<String>> {
        // What was sent before this answer has been read with it.
        self.evaluate("true")?;
        Ok(self.problems.clone())
    }
}

/// What an event says is wrong, if anything.
fn problem(event: &Value) -> Option<String> {
    let entry = &event["params"];
    let bad = event["method"] == "log.entryAdded" && entry["level"] == "error";
    bad.then(|| format!("console: {}", entry["text"].as_str().unwrap_or_default()))
}
