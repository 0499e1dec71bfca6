//! What a run makes beside its weights never ends it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{arg, micro_config, stderr, trainer};

/// An ffmpeg without a codec, and a file where the pictures belong.
#[cfg(unix)]
#[test]
fn pictures_and_videos_that_cannot_be_made_are_told_once() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("ffmpeg");
    fs::write(
        &tool,
        "#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n",
    )
    .unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let config = micro_config(folder.path(), 4, 1e-3);
    common::amend(&config, |text| text.replace("every = 100", "every = 1"));
    let run = folder.path().join("run");
    let arguments = [
        "train",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
        "--device",
        "cpu",
    ];
    let path = std::env::var("PATH").unwrap();
    let output = trainer(&arguments)
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .output()
        .unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("the run goes on without").count(), 1, "{said}");
    assert!(said.contains("libx264"), "{said}");
    assert!(run.join("export/model.safetensors").is_file());
}

#[test]
fn nobody_has_to_read_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 3, 1e-3);
    let run = folder.path().join("run");
    let arguments = [
        "train",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
        "--device",
        "cpu",
    ];
    let mut process = trainer(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert!(line.starts_with("run: "), "{line}");
    drop((output, process.stderr.take()));
    assert!(process.wait().unwrap().success());
    assert!(run.join("export/model.safetensors").is_file());
}
