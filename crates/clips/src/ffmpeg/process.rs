//! A child process that cannot be forgotten.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use super::error::VideoError;

/// Bytes of complaint that are kept; the rest is read and dropped, so that nobody blocks.
const MAX_COMPLAINT: usize = 16 * 1024;

/// A running tool; killed when dropped.
pub(super) struct Tool {
    name: &'static str,
    child: Child,
    complaint: Option<JoinHandle<String>>,
}

impl Tool {
    pub(super) fn start(
        name: &'static str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        stdin: Stdio,
    ) -> Result<Self, VideoError> {
        let mut command = Command::new(name);
        command
            .args(arguments)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // An interrupt at a terminal is for us: what the tool was doing is no verdict on a file.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => VideoError::MissingTool { tool: name },
            _ => VideoError::Tool { tool: name, source },
        })?;
        let complaint = child
            .stderr
            .take()
            .map(|pipe| std::thread::spawn(|| listen(pipe)));
        Ok(Self {
            name,
            child,
            complaint,
        })
    }

    pub(super) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(super) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for the end; gives the exit status and what was said on stderr.
    pub(super) fn finish(mut self) -> Result<(ExitStatus, String), VideoError> {
        let status = self.child.wait().map_err(|source| self.error(source))?;
        let complaint = self.complaint.take().and_then(|thread| thread.join().ok());
        let complaint = complaint.unwrap_or_default();
        if was_stopped(status, &complaint) {
            return Err(VideoError::Stopped { tool: self.name });
        }
        Ok((status, complaint))
    }

    pub(super) fn error(&self, source: std::io::Error) -> VideoError {
        VideoError::Tool {
            tool: self.name,
            source,
        }
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // Both fail only when the child has already been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a signal ended a tool. ffmpeg answers some with an exit of its own.
fn was_stopped(status: ExitStatus, complaint: &str) -> bool {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
        return true;
    }
    !status.success() && complaint.contains("received signal")
}

fn listen(mut pipe: impl Read) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        let room = MAX_COMPLAINT.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The path as ffmpeg's `file:` address, so that no name is taken for an option or a protocol.
pub(super) fn address(path: &Path) -> OsString {
    let mut address = OsString::from("file:");
    address.push(path);
    address
}

/// The last line of a complaint, without ffmpeg's bracketed prefix.
pub(super) fn last_line(complaint: &str) -> String {
    let line = complaint
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let line = line.rsplit_once("] ").map_or(line, |(_, said)| said);
    let line = line.strip_prefix("file:").unwrap_or(line).trim();
    if line.is_empty() {
        "no further detail".into()
    } else {
        line.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_named() {
        let nothing: [&str; 0] = [];
        let error = Tool::start("ffmpeg-that-is-not-there", nothing, Stdio::null())
            .err()
            .unwrap();
        assert!(error.to_string().contains("install ffmpeg"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_signal_is_no_verdict() {
        let ended_by = |script: &str| Tool::start("sh", ["-c", script], Stdio::null()).unwrap();
        let said = "echo 'Exiting normally, received signal 2.' >&2; exit 255";
        for script in ["kill -9 $$", said] {
            let error = ended_by(script).finish().unwrap_err();
            assert!(matches!(error, VideoError::Stopped { .. }), "{error}");
        }
        assert!(ended_by("exit 1").finish().is_ok());
    }

    #[test]
    fn complaints_lose_their_prefix() {
        assert_eq!(
            last_line("a\n[mov @ 0x55] moov atom not found\n\n"),
            "moov atom not found"
        );
        assert_eq!(last_line(""), "no further detail");
    }
}
