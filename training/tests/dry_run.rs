//! A run is tried out before it is made.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;

use common::{arg, fail, micro_config, succeed};

#[test]
fn everything_is_tried_and_nothing_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 10, 1e-3);
    let run = folder.path().join("runs/new");
    let train = [
        "train",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
        "--device",
        "cpu",
    ];
    let more = ["--dry-run", "--set", "optimiser.lr=2e-3", "--steps", "20"];
    let told = String::from_utf8(succeed(&[&train[..], &more].concat()).stdout).unwrap();
    for said in [
        "optimiser.lr = 0.002    # command line".to_owned(),
        "steps = 20    # command line".to_owned(),
        format!("optimiser.clip_norm = 1.0    # {}", config.display()),
        "run.keep_last = 2    # default".to_owned(),
        "parameters: ".to_owned(),
        "so 20 steps take about".to_owned(),
        "written and read again".to_owned(),
    ] {
        assert!(told.contains(&said), "{said} in {told}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "the config alone: {left:?}");

    let said = fail(&[&train[..], &["--dry-run", "--set", "data.frames=20"]].concat());
    assert!(
        said.contains("data.frames = 20 does not suit the model"),
        "{said}"
    );
    let said = fail(&[&train[..], &["--set", "optimiser.lrr=1"]].concat());
    assert!(said.contains("did you mean `lr`?"), "{said}");
    assert!(!run.exists());
}

#[test]
fn a_field_that_is_set_is_kept_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let config = micro_config(folder.path(), 2, 1e-3);
    let run = folder.path().join("run");
    let train = [
        "train",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
        "--device",
        "cpu",
    ];
    succeed(&[&train[..], &["--set", "optimiser.lr=5e-4"]].concat());
    let kept = fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(kept.contains("lr = 0.0005"), "{kept}");
    let resume = [
        "train",
        "--resume",
        "--out",
        arg(&run),
        "--device",
        "cpu",
        "--steps",
        "3",
    ];
    succeed(&resume);
    let said = fail(&[&resume[..], &["--set", "optimiser.lr=1e-3"]].concat());
    assert!(said.contains("optimiser.lr = 0.0005, not 0.001"), "{said}");
}
