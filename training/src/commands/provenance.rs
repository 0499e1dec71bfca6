//! How a result came about.

use std::process::Command;

use evaluation::Provenance;

use crate::shell::command;

/// The command that is running, and the commit of the repository that it runs in.
pub(super) fn provenance() -> Provenance {
    Provenance {
        command: command(std::env::args().skip(1)),
        commit: commit(),
    }
}

/// The commit of the repository that this is run in, marked if there are changes beside it.
fn commit() -> Option<String> {
    let arguments = [
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
        "--exclude=*",
    ];
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.is_empty()).then(|| text.trim().to_owned())
}
