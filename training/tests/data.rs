//! Folders as people have them: many files, some broken, and frames as pictures.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;

use clips::{Clip, Scene};
use common::{arg, fail, micro_config, stderr, succeed};

/// Short videos; those named are overwritten with nonsense or cut short.
fn fill(folder: &Path, count: usize, corrupt: &[String]) {
    fs::create_dir(folder).unwrap();
    let clip = Scene::SlowPan.render(3, 32, 32, 36);
    let first = folder.join("clip-000.mp4");
    clips::ffmpeg::encode(&first, &clip, 25.0).unwrap();
    for number in 1..count {
        fs::copy(&first, folder.join(format!("clip-{number:03}.mp4"))).unwrap();
    }
    for (number, name) in corrupt.iter().enumerate() {
        let mut bytes = fs::read(folder.join(name)).unwrap();
        bytes.truncate(bytes.len() / 2);
        bytes[..16 * number].fill(7);
        fs::write(folder.join(name), bytes).unwrap();
    }
}

#[test]
fn ten_corrupt_files_among_two_hundred_are_named_and_the_run_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let (data, run) = (folder.path().join("clips"), folder.path().join("run"));
    let corrupt: Vec<String> = (0..10)
        .map(|n| format!("clip-{:03}.mp4", 4 + 19 * n))
        .collect();
    fill(&data, 200, &corrupt);
    let (config, cache) = (
        micro_config(folder.path(), 3, 1e-3),
        folder.path().join("cache"),
    );

    let own = [
        "index",
        arg(&data),
        "--config",
        arg(&config),
        "--cache",
        arg(&cache),
    ];
    let listed = String::from_utf8(succeed(&own).stdout).unwrap();
    assert!(listed.contains("190 clips with 6840 frames"), "{listed}");
    let bad: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("bad "))
        .collect();
    assert_eq!(bad.len(), 10);
    assert!(
        corrupt
            .iter()
            .all(|name| listed.contains(&format!("bad   {}/{name}", data.display()))),
        "{listed}"
    );

    // Nothing is decoded again.
    let own = [
        "train",
        "--config",
        arg(&config),
        "--data",
        arg(&data),
        "--out",
        arg(&run),
    ];
    let more = ["--cache", arg(&cache), "--device", "cpu"];
    let output = common::trainer(&[&own[..], &more].concat())
        .env("PATH", "")
        .output()
        .unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("skipped 10 files"), "{said}");
    assert!(
        corrupt.iter().all(|name| said.contains(name.as_str())),
        "{said}"
    );
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("of the time was spent waiting for data"),
        "{told}"
    );
    assert!(
        told.contains("189 clips with 6804 frames (1 more held out)"),
        "{told}"
    );
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let share = line["data_wait"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&share), "{share}");
}

/// What cuts is listed with its shots, and left out where none is as long as a window's 32 frames.
#[test]
fn films_are_taken_shot_by_shot() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("clips");
    fs::create_dir(&data).unwrap();
    for (name, shots) in [("long.mp4", [40, 10]), ("short.mp4", [20, 20])] {
        let scenes = [Scene::Sky, Scene::PrintedPage].into_iter().zip(shots);
        let frames = scenes.flat_map(|(scene, count)| scene.render(3, 32, 32, count).into_data());
        let clip = Clip::new(32, 32, frames.collect()).unwrap();
        clips::ffmpeg::encode(&data.join(name), &clip, 25.0).unwrap();
    }
    let config = micro_config(folder.path(), 1, 1e-3);
    let cache = folder.path().join("cache");
    let own = ["index", arg(&data), "--config", arg(&config)];
    let index = || {
        let output = succeed(&[&own[..], &["--cache", arg(&cache)]].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = index();
    assert!(
        listed.contains("good  long.mp4: 50 frames of 16x16, 2 shots"),
        "{listed}"
    );
    let short = "/short.mp4: its longest shot has 20 frames, fewer than a window's 32";
    assert!(listed.contains(short), "{listed}");
    assert_eq!(index(), listed, "and the same from the cache");
}

/// A square picture of one grey level.
fn write_picture(path: &Path, side: u32, level: u8) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), side, side);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let picture = vec![level; (side * side * 3) as usize];
    writer.write_image_data(&picture).unwrap();
}

#[test]
fn folders_of_pictures_are_clips() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("clips");
    let film = data.join("it's a film");
    fs::create_dir_all(&film).unwrap();
    for number in 8..42 {
        write_picture(&film.join(format!("frame{number}.png")), 32, 5 * number);
    }
    let config = micro_config(folder.path(), 1, 1e-3);
    let (run, cache) = (folder.path().join("run"), folder.path().join("cache"));
    let own = ["train", "--config", arg(&config), "--data", arg(&data)];
    let more = [
        "--out",
        arg(&run),
        "--cache",
        arg(&cache),
        "--device",
        "cpu",
    ];
    succeed(&[&own[..], &more].concat());

    // A plain sort would put 10 before 8.
    let clip = clips::ffmpeg::decode(&film, &Default::default()).unwrap();
    let levels: Vec<u8> = clip.iter().map(|frame| frame[0]).collect();
    assert_eq!(levels, (8..42).map(|number| 5 * number).collect::<Vec<_>>());

    fs::write(film.join("frame20.png"), "nonsense").unwrap();
    let own = [
        "index",
        arg(&data),
        "--config",
        arg(&config),
        "--cache",
        arg(&cache),
    ];
    let output = common::run(&own);
    assert_eq!(
        output.status.code(),
        Some(common::FAILURE),
        "no clip is left"
    );
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(
        listed.contains("bad   ") && listed.contains("it's a film: "),
        "{listed}"
    );
    let said = fail(&["index", arg(&folder.path().join("nothing"))]);
    assert!(said.contains("cannot be read"), "{said}");
}

/// Nothing but a folder is named: the preset for clips is taken, and all goes where it says.
#[test]
fn a_folder_alone_is_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("clips/film");
    fs::create_dir_all(&film).unwrap();
    for number in 0..33 {
        write_picture(&film.join(format!("{number}.png")), 48, 7 * number);
    }
    let own = [
        "train", "--data", "clips", "--steps", "1", "--device", "cpu",
    ];
    let mut command = common::trainer(&own);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    for line in [
        "run: runs/lean-lc8",
        "config: preset lean-lc8",
        "1 clips with 33 frames",
    ] {
        assert!(told.contains(line), "{line} is missing in {told}");
    }
    let export = folder.path().join("runs/lean-lc8/export");
    let config = fs::read_to_string(export.join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!(config["_class_name"], "LeanVAE");
    assert_eq!(config["mask"], "lowpass50");
    assert!(export.join("model.safetensors").exists());
}

/// An interrupt, or a system without memory, ends ffmpeg and not the clip.
#[cfg(unix)]
#[test]
fn what_a_signal_did_is_not_remembered() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (data, tools) = (folder.path().join("clips"), folder.path().join("tools"));
    fs::create_dir_all(&data).unwrap();
    fs::create_dir_all(&tools).unwrap();
    let clip = Scene::Sky.render(3, 16, 16, 40);
    clips::ffmpeg::encode(&data.join("a.mp4"), &clip, 25.0).unwrap();
    let tool = tools.join("ffmpeg");
    fs::write(&tool, "#!/bin/sh\nkill -INT $$\nkill -KILL $$\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let config = micro_config(folder.path(), 1, 1e-3);
    let cache = folder.path().join("cache");
    let own = [
        "index",
        arg(&data),
        "--config",
        arg(&config),
        "--cache",
        arg(&cache),
    ];
    let path = std::env::var("PATH").unwrap();
    let output = common::trainer(&own)
        .env("PATH", format!("{}:{path}", tools.display()))
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(common::FAILURE));
    assert!(
        listed.contains("a.mp4: `ffmpeg` was stopped by a signal"),
        "{listed}"
    );
    let listed = String::from_utf8(succeed(&own).stdout).unwrap();
    assert!(listed.contains("good  a.mp4: 40 frames"), "{listed}");
}
