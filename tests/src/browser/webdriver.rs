//! WebDriver, which WebKit speaks: one HTTP request for each command.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use super::driver::Driver;
use super::webkit::WebKit;

/// How long any single command may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The key under which an answer names an element. Source: WebDriver, "web element identifier".
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A page in a WebKit of its own.
pub(super) struct WebDriver {
    agent: Agent,
    /// The address of the session.
    session: String,
    _browser: WebKit,
}

impl WebDriver {
    /// Opens an address.
    ///
    /// # Errors
    /// If the browser refuses.
    pub(super) fn open(address: &str) -> Result<Self> {
        let browser = WebKit::start()?;
        let mut page = Self {
            agent: ureq::AgentBuilder::new().timeout(PATIENCE).build(),
            session: format!("{}/session", browser.address()),
            _browser: browser,
        };
        page.wait_for_driver()?;
        let session = page.post("", json!({ "capabilities": {} }))?;
        let id = session["sessionId"].as_str().context("no session")?;
        page.session = format!("{}/{id}", page.session);
        let limits = json!({ "script": PATIENCE.as_millis() as u64 });
        page.post("/timeouts", limits)?;
        page.post("/url", json!({ "url": address }))?;
        page.script(WATCH, &[])?;
        Ok(page)
    }

    fn wait_for_driver(&self) -> Result<()> {
        let status = self.session.replace("/session", "/status");
        let start = Instant::now();
        while self.agent.get(&status).call().is_err() {
            let waited = start.elapsed() < PATIENCE;
            ensure!(waited, "WebKit's driver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn post(&self, command: &str, params: Value) -> Result<Value> {
        let address = format!("{}{command}", self.session);
        let mut answer: Value = match self.agent.post(&address).send_json(params) {
            Ok(answer) => answer.into_json()?,
            Err(ureq::Error::Status(_, answer)) => {
                let answer: Value = answer.into_json()?;
                bail!("{command}: {}", answer["value"]["message"]);
            }
            Err(error) => return Err(error).context("the browser is gone"),
        };
        Ok(answer["value"].take())
    }

    /// Runs the body of a function; its last argument is to be called with the result.
    fn script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        let params = json!({ "script": body, "args": arguments });
        self.post("/execute/async", params)
    }
}

impl Driver for WebDriver {
    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer = self.script(EVALUATE, &[json!(expression)])?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{expression} threw {error}");
        }
        let text = answer["text"].as_str().context("no value")?;
        Ok(serde_json::from_str(text)?)
    }

    fn choose_files(&mut self, input: &str, files: &[&Path]) -> Result<()> {
        let find = format!("arguments[0]({input})");
        let found = self.script(&find, &[])?;
        let element = found[ELEMENT].as_str();
        let element = element.context("there is no such input")?;
        let files = files.iter().map(|file| file.display().to_string());
        let keys = files.collect::<Vec<_>>().join("\n");
        self.post(
            &format!("/element/{element}/value"),
            json!({ "text": keys }),
        )?;
        Ok(())
    }

    fn problems(&mut self) -> Result<Vec<String>> {
        Ok(serde_json::from_value(self.evaluate("window.problems")?)?)
    }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        // The driver closes the browser, unless that is gone already.
        let _ = self.agent.delete(&self.session).call();
    }
}

/// JavaScript: keeps what goes wrong in the page, for want of a console that the driver shows.
const WATCH: &str = "window.problems = [];
    const usual = console.error;
    console.error = (...words) => { problems.push('console: ' + words.join(' ')); usual(...words); };
    addEventListener('error', event => problems.push('uncaught: ' + event.message));
    addEventListener('unhandledrejection', event => problems.push('uncaught: ' + event.reason));
    arguments[0]();";

/// JavaScript: the value of an expression as text. Numbers in lists would come one message part each.
const EVALUATE: &str = "const [expression, done] = arguments;
    (async () => JSON.stringify((await (0, eval)('(' + expression + ')')) ?? null))()
        .then(text => done({ text }), error => done({ error: String(error) }));";
