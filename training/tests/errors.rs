//! What goes wrong is said in one sentence, with exit code 2, and nothing is overwritten.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{arg, fail, micro_config, stderr, succeed, trainer};

/// A short clip of moving colours, made by ffmpeg.
fn make_clip(path: &Path, frames: usize) {
    let status = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=48x32:rate=25",
            "-frames:v",
        ])
        .args([&frames.to_string(), "-pix_fmt", "yuv420p"])
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

struct Place {
    _folder: tempfile::TempDir,
    config: PathBuf,
    data: PathBuf,
    run: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 1, 1e-3);
    let (data, run) = (folder.path().join("clips"), folder.path().join("run"));
    fs::create_dir(&data).unwrap();
    Place {
        _folder: folder,
        config,
        data,
        run,
    }
}

impl Place {
    fn train(&self) -> Vec<&str> {
        let (config, data, run) = (arg(&self.config), arg(&self.data), arg(&self.run));
        vec![
            "train", "--device", "cpu", "--config", config, "--data", data, "--out", run,
        ]
    }
}

#[test]
fn an_empty_folder_is_an_error() {
    let place = place();
    let said = fail(&place.train());
    assert!(said.contains("no video files"), "{said}");
    assert!(!place.run.join("checkpoint.safetensors").exists());
}

#[test]
fn a_missing_folder_is_an_error() {
    let place = place();
    fs::remove_dir(&place.data).unwrap();
    assert!(fail(&place.train()).contains("cannot be read"));
}

#[test]
fn corrupt_and_short_clips_among_good_ones_are_skipped_counted_and_named() {
    let place = place();
    make_clip(&place.data.join("good.mp4"), 40);
    make_clip(&place.data.join("short.mp4"), 5);
    fs::write(place.data.join("broken.mp4"), vec![7; 4000]).unwrap();
    fs::write(place.data.join("empty.mp4"), []).unwrap();
    let said = stderr(&succeed(&place.train()));
    assert!(said.contains("skipped 3 files"), "{said}");
    for name in ["short.mp4", "broken.mp4", "empty.mp4"] {
        assert!(said.contains(name), "{said}");
    }
    let card = fs::read_to_string(place.run.join("export/README.md")).unwrap();
    assert!(card.contains("3 files skipped"), "{card}");
}

#[test]
fn nothing_but_corrupt_clips_is_an_error() {
    let place = place();
    fs::write(place.data.join("broken.mp4"), vec![7; 4000]).unwrap();
    let said = fail(&place.train());
    assert!(
        said.contains("broken.mp4") && said.contains("no clip"),
        "{said}"
    );
}

#[test]
fn no_ffmpeg_is_an_error() {
    let place = place();
    make_clip(&place.data.join("good.mp4"), 40);
    let output = trainer(&place.train()).env("PATH", "").output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(common::FAILURE), "{said}");
    assert!(said.contains("ffmpeg"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let place = place();
    let file = place.data.join("a file");
    fs::write(&file, "mine").unwrap();
    let out = file.join("run");
    let config = arg(&place.config);
    let said = fail(&[
        "train",
        "--device",
        "cpu",
        "--config",
        config,
        "--out",
        arg(&out),
    ]);
    assert!(said.contains("cannot be written"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn typing_errors_in_a_config_are_named() {
    let place = place();
    let text = fs::read_to_string(&place.config)
        .unwrap()
        .replace("max_stride", "max_strides");
    fs::write(&place.config, text).unwrap();
    assert!(fail(&place.train()).contains("max_strides"));
}

#[test]
fn resuming_what_was_never_started_is_an_error() {
    let place = place();
    let said = fail(&["train", "--resume", "--out", arg(&place.run)]);
    assert!(said.contains("no checkpoint"), "{said}");
    assert!(!place.run.exists());
}
