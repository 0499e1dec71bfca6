//! A run that is killed and continued ends in the same numbers as one that was never stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{arg, fail, micro_config, succeed, trainer};
use safetensors::SafeTensors;

const STEPS: u64 = 12;

/// Weights and average of a run's checkpoint, by tensor name.
fn weights(run: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut all = BTreeMap::new();
    for part in ["weights", "average"] {
        let inner = file.tensor(part).unwrap();
        for (name, tensor) in SafeTensors::deserialize(inner.data()).unwrap().tensors() {
            all.insert(format!("{part}.{name}"), tensor.data().to_vec());
        }
    }
    all
}

/// Steps done according to a run's checkpoint.
fn steps_done(run: &Path) -> u64 {
    let Ok(bytes) = fs::read(run.join("checkpoint.safetensors")) else {
        return 0;
    };
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let header = &metadata.metadata().as_ref().unwrap()["header"];
    let header: serde_json::Value = serde_json::from_str(header).unwrap();
    header["progress"]["step"].as_u64().unwrap()
}

fn start(config: &Path, run: &Path) -> Vec<String> {
    [
        "train",
        "--device",
        "cpu",
        "--config",
        arg(config),
        "--out",
        arg(run),
    ]
    .map(str::to_owned)
    .into()
}

fn strs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn a_killed_run_continues_to_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), STEPS, 1e-3);
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    succeed(&strs(&start(&config, &whole)));

    let mut process = trainer(&strs(&start(&config, &killed)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while steps_done(&killed) < 3 {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "no checkpoint appeared"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let reached = steps_done(&killed);
    assert!((3..STEPS).contains(&reached), "killed after step {reached}");

    succeed(&[
        "train",
        "--device",
        "cpu",
        "--resume",
        "--out",
        arg(&killed),
    ]);
    assert_eq!(steps_done(&killed), STEPS);
    let (expected, found) = (weights(&whole), weights(&killed));
    assert!(expected.len() > 50, "{}", expected.len());
    let differing: Vec<_> = expected
        .iter()
        .filter(|(name, w)| found[*name] != **w)
        .collect();
    assert!(
        differing.is_empty(),
        "{:?}",
        differing.iter().map(|(n, _)| n).collect::<Vec<_>>()
    );

    let log = fs::read_to_string(killed.join("log.jsonl")).unwrap();
    let losses = log.lines().filter(|line| line.contains("\"loss\"")).count();
    assert_eq!(losses as u64, STEPS, "every step is logged once:\n{log}");
}

#[test]
fn time_limits_save_and_exit_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 100_000, 1e-3);
    let run = folder.path().join("run");
    let mut arguments = start(&config, &run);
    arguments.extend(["--max-time", "1s"].map(str::to_owned));
    succeed(&strs(&arguments));
    let done = steps_done(&run);
    assert!((1..100_000).contains(&done), "{done}");
    for file in ["config.json", "model.safetensors", "README.md"] {
        assert!(run.join("export").join(file).is_file(), "{file}");
    }
}

#[test]
fn another_config_is_refused_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let config = micro_config(folder.path(), 2, 1e-3);
    succeed(&strs(&start(&config, &run)));
    let before = fs::read(run.join("checkpoint.safetensors")).unwrap();

    let said = fail(&strs(&start(&config, &run)));
    assert!(said.contains("already holds a run"), "{said}");
    let other = micro_config(folder.path(), 2, 2e-3);
    let mut arguments = start(&other, &run);
    arguments.push("--resume".to_owned());
    let said = fail(&strs(&arguments));
    assert!(said.contains("another config"), "{said}");
    assert_eq!(
        fs::read(run.join("checkpoint.safetensors")).unwrap(),
        before
    );
}
