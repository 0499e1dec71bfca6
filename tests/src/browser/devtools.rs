//! The DevTools protocol: JSON messages over one WebSocket, flat sessions for page and workers.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::messages::Messages;

/// A connection to the browser and what it reported going wrong.
pub(super) struct DevTools {
    messages: Messages,
    problems: Vec<String>,
}

impl DevTools {
    /// Connects to a browser's DevTools address.
    ///
    /// # Errors
    /// If nobody answers there.
    pub(super) fn connect(address: &str) -> Result<Self> {
        Ok(Self {
            messages: Messages::connect(address)?,
            problems: Vec::new(),
        })
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// If the browser refuses the command, or does not answer within a minute.
    pub(super) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value> {
        let id = send(&mut self.messages, session, method, params)?;
        let problems = &mut self.problems;
        let answer = self.messages.answer(id, |messages, event| {
            problems.extend(handle(messages, event)?);
            Ok(())
        });
        let mut answer = answer.with_context(|| method.to_owned())?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {}", error["message"]);
        }
        Ok(answer["result"].take())
    }

    /// Watches a session's console, and stops every worker it starts until that is watched too.
    ///
    /// # Errors
    /// If the browser refuses.
    pub(super) fn watch(&mut self, session: &str) -> Result<()> {
        self.call(Some(session), "Runtime.enable", json!({}))?;
        self.call(Some(session), "Log.enable", json!({}))?;
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        self.call(Some(session), "Target.setAutoAttach", attach)?;
        Ok(())
    }

    /// Errors, failed assertions, uncaught exceptions and crashes so far, of all sessions.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }
}

fn send(
    messages: &mut Messages,
    session: Option<&str>,
    method: &str,
    params: Value,
) -> Result<u64> {
    let mut command = json!({ "method": method, "params": params });
    if let Some(session) = session {
        command["sessionId"] = session.into();
    }
    messages.send(command)
}

/// Lets a new worker run, watched; gives what an event says is wrong.
fn handle(messages: &mut Messages, event: &Value) -> Result<Option<String>> {
    match event["method"].as_str().unwrap_or_default() {
        "Target.attachedToTarget" => {
            let worker = event["params"]["sessionId"].as_str();
            // Nobody waits for these answers: the worker may end before it gives them.
            for method in [
                "Runtime.enable",
                "Log.enable",
                "Runtime.runIfWaitingForDebugger",
            ] {
                send(messages, worker, method, json!({}))?;
            }
            Ok(None)
        }
        "Inspector.targetCrashed" => Ok(Some("the page crashed".to_owned())),
        _ => Ok(problem(event)),
    }
}

/// What an event says is wrong, if anything.
fn problem(message: &Value) -> Option<String> {
    let params = &message["params"];
    match message["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &params["exceptionDetails"];
            let text = details["exception"]["description"]
                .as_str()
                .or(details["text"].as_str());
            Some(format!("uncaught: {}", text.unwrap_or("an exception")))
        }
        "Runtime.consoleAPICalled" if matches!(params["type"].as_str()?, "error" | "assert") => {
            let words = params["args"].as_array()?.iter().map(|argument| {
                let text = argument["value"]
                    .as_str()
                    .or(argument["description"].as_str());
                text.map_or_else(|| argument["value"].to_string(), str::to_owned)
            });
            Some(format!("console: {}", words.collect::<Vec<_>>().join(" ")))
        }
        "Log.entryAdded" if params["entry"]["level"] == "error" => {
            let entry = &params["entry"];
            let text = entry["text"].as_str().unwrap_or_default();
            Some(format!(
                "log: {text} {}",
                entry["url"].as_str().unwrap_or_default()
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_problems_and_talk_is_not() {
        let console = |kind: &str| {
            let arguments = json!([{ "value": "panicked at" }, { "value": 3 }]);
            let params = json!({ "type": kind, "args": arguments });
            problem(&json!({ "method": "Runtime.consoleAPICalled", "params": params }))
        };
        assert_eq!(console("error").as_deref(), Some("console: panicked at 3"));
        assert_eq!(console("log"), None);
        assert_eq!(console("warning"), None);
        let entry = json!({ "entry": { "level": "error", "text": "404", "url": "/x" } });
        let missing = problem(&json!({ "method": "Log.entryAdded", "params": entry }));
        assert_eq!(missing.as_deref(), Some("log: 404 /x"));
    }
}
