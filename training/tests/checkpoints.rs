//! Where weights come from, where checkpoints stay, and what a full disk does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{FAILURE, amend, arg, fail, micro_config, narrow_vgg, stderr, succeed, tensors};

fn train<'a>(config: &'a Path, run: &'a Path) -> Vec<&'a str> {
    let (config, run) = (arg(config), arg(run));
    vec!["train", "--device", "cpu", "--config", config, "--out", run]
}

#[test]
fn a_run_starts_from_another_and_frozen_parts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let config = micro_config(folder.path(), 3, 1e-2);
    succeed(&train(&config, &first));

    amend(&config, |text| {
        text.replacen("seed = 7", "seed = 8\nfreeze = [\"encoder\"]", 1)
    });
    let output = succeed(&[train(&config, &second), vec!["--init", arg(&first)]].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("averaged weights after step 3"), "{said}");
    let average = |run: &Path| tensors(&run.join("checkpoint.safetensors"), &["average"]);
    let (before, after) = (average(&first), average(&second));
    for (name, weights) in &before {
        let constant = ["wavelet_transform", "temporal_processor"];
        let fixed =
            name.starts_with("average.encoder.") || constant.iter().any(|part| name.contains(part));
        assert_eq!(after[name] == *weights, fixed, "{name}");
    }
    let card = fs::read_to_string(second.join("export/README.md")).unwrap();
    assert!(
        card.contains("init = \"first\"") && !card.contains("random weights"),
        "{card}"
    );
}

#[test]
fn what_is_no_start_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 1, 1e-3);
    let run = folder.path().join("run");
    let nothing = folder.path().join("nothing");
    let said = fail(&[train(&config, &run), vec!["--init", arg(&nothing)]].concat());
    assert!(said.contains("no weights to start from"), "{said}");
    amend(&config, |text| {
        text.replacen("seed = 7", "seed = 7\nfreeze = [\"enkoder\"]", 1)
    });
    let said = fail(&train(&config, &run));
    assert!(said.contains("`enkoder`"), "{said}");
    assert!(!run.join("checkpoint.safetensors").exists());
}

#[test]
fn a_perceptual_file_must_be_there_and_of_its_network() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 1, 1e-3);
    let run = folder.path().join("run");
    amend(&config, |text| {
        format!("{text}\n[loss.perceptual]\nweight = 1.0\nbackbone = \"alexnet\"\n")
    });
    let said = fail(&train(&config, &run));
    assert!(
        said.contains("AlexNet") && said.contains("--perceptual"),
        "{said}"
    );
    let vgg = narrow_vgg(folder.path());
    let said = fail(&[train(&config, &run), vec!["--perceptual", arg(&vgg)]].concat());
    assert!(said.contains("is VGG-16"), "{said}");
    assert!(!run.exists());
    succeed(&[train(&config, &run), vec!["--no-perceptual"]].concat());

    // Named beside the config, it is found again from the run's folder.
    let run = folder.path().join("other");
    amend(&config, |text| {
        text.replace("alexnet\"", "vgg16\"\nfile = \"vgg.safetensors\"")
    });
    succeed(&train(&config, &run));
    succeed(&[
        "train",
        "--device",
        "cpu",
        "--resume",
        "--steps",
        "2",
        "--out",
        arg(&run),
    ]);
}

#[test]
fn the_last_checkpoints_and_the_best_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 6, 1e-3);
    amend(&config, |text| {
        let text = text.replace("every = 100", "every = 2");
        format!("{text}keep_last = 3\n")
    });
    let run = folder.path().join("run");
    succeed(&train(&config, &run));
    let mut files: Vec<String> = fs::read_dir(&run)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".safetensors"))
        .collect();
    files.sort();
    let expected = [
        "best.safetensors",
        "checkpoint-0000004.safetensors",
        "checkpoint-0000005.safetensors",
        "checkpoint.safetensors",
    ];
    assert_eq!(files, expected);
    // Any of them can be started from.
    let other = folder.path().join("other");
    let best = run.join("best.safetensors");
    succeed(&[train(&config, &other), vec!["--init", arg(&best)]].concat());
}

/// A limit on the size of files stands for a full disk: writing fails half-way.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_old_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 2, 1e-3);
    let run = folder.path().join("run");
    succeed(&train(&config, &run));
    let checkpoint = run.join("checkpoint.safetensors");
    let before = fs::read(&checkpoint).unwrap();
    assert!(before.len() > 64 * 1024);

    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$@\"";
    let resume = [
        "train",
        "--device",
        "cpu",
        "--resume",
        "--steps",
        "4",
        "--out",
        arg(&run),
    ];
    let output = Command::new("sh")
        .args(["-c", limited, "sh", env!("CARGO_BIN_EXE_trainer")])
        .args(resume)
        .output()
        .unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(FAILURE), "{said}");
    assert!(
        said.contains("checkpoint.safetensors cannot be written"),
        "{said}"
    );
    assert_eq!(fs::read(&checkpoint).unwrap(), before);
    let left = fs::read_dir(&run)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left
        .filter(|name| name.to_string_lossy().starts_with(".unfinished-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    succeed(&resume);
}

#[test]
fn adaptive_top_k_is_exported_as_a_fixed_mask() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 3, 1e-3);
    amend(&config, |text| {
        let text = text.replace("mask = \"lowpass50\"", "mask = \"none\"");
        format!("{text}\n[topk]\nkeep = 0.25\n")
    });
    let run = folder.path().join("run");
    succeed(&train(&config, &run));
    let text = fs::read_to_string(run.join("export/config.json")).unwrap();
    let model: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(model["mask"]["channels"].as_array().unwrap().len(), 16);
    succeed(&[
        "train",
        "--device",
        "cpu",
        "--resume",
        "--steps",
        "5",
        "--out",
        arg(&run),
    ]);
}

/// Skipped steps change nothing and are limited. The discriminator's own steps are finite and go on.
#[test]
fn steps_that_are_not_finite_are_skipped_and_limited() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 9, 1e-3);
    amend(&config, |text| {
        let text = text.replace("l1 = 1.0", "l1 = 1e39");
        format!("{text}max_skipped = 4\n\n[adversarial]\nwidth = 4\n")
    });
    let run = folder.path().join("run");
    let said = fail(&train(&config, &run));
    assert!(said.contains("for 4 steps in a row"), "{said}");
    let untouched = folder.path().join("untouched");
    let none = [&train(&config, &untouched)[..], &["--max-time", "0s"]].concat();
    succeed(&none);
    let changed = |part: &str| {
        let of = |run: &Path| tensors(&run.join("checkpoint.safetensors"), &[part]);
        let (after, before) = (of(&run), of(&untouched));
        before.iter().any(|(name, w)| after[name] != *w)
    };
    assert!(!changed("weights") && !changed("average"));
    assert!(changed("discriminator"));
    let text = fs::read_to_string(run.join("log.jsonl")).unwrap();
    assert!(!text.is_empty());
}
