//! Numbered JSON messages over one WebSocket: what DevTools and WebDriver BiDi have in common.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tungstenite::{Message, WebSocket};

/// How long any single command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a browser.
pub(super) struct Messages {
    socket: WebSocket<TcpStream>,
    last_id: u64,
}

impl Messages {
    /// Fails if nobody answers at that address.
    pub(super) fn connect(address: &str) -> Result<Self> {
        let rest = address
            .strip_prefix("ws://")
            .context("the browser's address is no WebSocket")?;
        let host = rest.split('/').next().unwrap_or(rest);
        let stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (socket, _) = tungstenite::client(address, stream).context("the browser refused")?;
        // Short, so that waiting for an answer can end; a message in parts survives it.
        socket
            .get_ref()
            .set_read_timeout(Some(Duration::from_millis(100)))?;
        Ok(Self { socket, last_id: 0 })
    }

    /// Sends a command, `{ method, params, .. }`, and gives the number of its answer.
    pub(super) fn send(&mut self, mut command: Value) -> Result<u64> {
        self.last_id += 1;
        command["id"] = self.last_id.into();
        self.socket.send(Message::text(command.to_string()))?;
        Ok(self.last_id)
    }

    /// Waits for an answer; what comes before it is given to `event`.
    pub(super) fn answer(
        &mut self,
        id: u64,
        mut event: impl FnMut(&mut Self, &Value) -> Result<()>,
    ) -> Result<Value> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let Some(message) = self.receive()? else {
                continue;
            };
            if message["id"] == id {
                return Ok(message);
            }
            event(self, &message)?;
        }
        bail!("no answer within {} s", PATIENCE.as_secs())
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
}
