//! The DevTools protocol: JSON messages over one WebSocket, flat sessions for page and workers.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// How long any single command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the browser and what it reported going wrong.
pub struct DevTools {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    problems: Vec<String>,
}

impl DevTools {
    /// Connects to a browser's DevTools address.
    ///
    /// # Errors
    /// If nobody answers there.
    pub fn connect(address: &str) -> Result<Self> {
        let rest = address
            .strip_prefix("ws://")
            .context("the DevTools address is no WebSocket")?;
        let host = rest.split('/').next().unwrap_or(rest);
        let stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (socket, _) = tungstenite::client(address, stream).context("DevTools refused")?;
        // Short, so that waiting for an answer can end; a message in parts survives it.
        socket
            .get_ref()
            .set_read_timeout(Some(Duration::from_millis(100)))?;
        Ok(Self {
            socket,
            last_id: 0,
            problems: Vec::new(),
        })
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// If the browser refuses the command, or does not answer within a minute.
    pub fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        let id = self.send(session, method, params)?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let Some(mut message) = self.receive()? else {
                continue;
            };
            if message["id"] != id {
                self.handle(&message)?;
            } else if let Some(error) = message.get("error") {
                bail!("{method}: {}", error["message"]);
            } else {
                return Ok(message["result"].take());
            }
        }
        bail!("{method}: no answer within {} s", PATIENCE.as_secs())
    }

    /// Watches a session's console, and stops every worker it starts until that is watched too.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn watch(&mut self, session: &str) -> Result<()> {
        self.call(Some(session), "Runtime.enable", json!({}))?;
        self.call(Some(session), "Log.enable", json!({}))?;
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        self.call(Some(session), "Target.setAutoAttach", attach)?;
        Ok(())
    }

    /// Errors, failed assertions, uncaught exceptions and crashes so far, of all sessions.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<u64> {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.socket.send(Message::text(message.to_string()))?;
        Ok(self.last_id)
    }

    fn receive(&mut self) -> Result<Option<Value>> {
        match self.socket.read() {
            Ok(Message::Text(text)) => Ok(Some(serde_json::from_str(text.as_str())?)),
            Ok(_) => Ok(None),
            Err(tungstenite::Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).context("the browser is gone"),
        }
    }

    fn handle(&mut self, message: &Value) -> Result<()> {
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Target.attachedToTarget" => {
                let worker = params["sessionId"].as_str().unwrap_or_default();
                // Nobody waits for these answers: the worker may end before it gives them.
                for method in [
                    "Runtime.enable",
                    "Log.enable",
                    "Runtime.runIfWaitingForDebugger",
                ] {
                    self.send(Some(worker), method, json!({}))?;
                }
            }
            "Inspector.targetCrashed" => self.problems.push("the page crashed".to_owned()),
            _ => self.problems.extend(problem(message)),
        }
        Ok(())
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
