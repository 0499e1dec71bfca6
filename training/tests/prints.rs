//! What the trainer prints, as snapshots: `INSTA_UPDATE=always cargo test --test prints` renews them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;

use common::{arg, fail, micro_config, run, succeed};
use insta::assert_snapshot;

const VERBS: [&str; 15] = [
    "train",
    "index",
    "encode",
    "decode",
    "reconstruct",
    "evaluate",
    "analyse",
    "cost",
    "report",
    "export",
    "publish",
    "check",
    "bench",
    "import",
    "tensors",
];

fn stdout(arguments: &[&str]) -> String {
    String::from_utf8(run(arguments).stdout).unwrap()
}

/// The text with a mark for every number that depends on the machine.
fn without_numbers(text: &str) -> String {
    let mut marked = String::new();
    for letter in text.replace("-0.", "0.").chars() {
        match letter {
            '0'..='9' if marked.ends_with('#') => {}
            '0'..='9' => marked.push('#'),
            other => marked.push(other),
        }
    }
    marked
}

#[test]
fn help_of_every_verb() {
    assert_snapshot!("help", stdout(&["--help"]));
    for verb in VERBS {
        assert_snapshot!(format!("help-{verb}"), stdout(&[verb, "--help"]));
    }
}

#[test]
fn a_card() {
    let folder = tempfile::tempdir().unwrap();
    let export = common::export(folder.path());
    let card = fs::read_to_string(export.join("README.md")).unwrap();
    let (facts, config) = card.split_once("## Config").unwrap();
    assert_snapshot!("card", without_numbers(facts) + "## Config" + config);
}

#[test]
fn a_table_of_yardsticks() {
    let arguments = [
        "evaluate",
        "--device",
        "cpu",
        "--scenes",
        "--size",
        "16",
        "--frames",
        "5",
        "--yardsticks",
        "--coefficients",
        "4",
    ];
    let said = String::from_utf8(succeed(&arguments).stdout).unwrap();
    let (table, _) = said.split_once("\nWritten by").unwrap();
    assert_snapshot!("table", without_numbers(table));
}

#[test]
fn errors_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let place = arg(folder.path());
    let config = micro_config(folder.path(), 1, 1e-3);
    let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let cases: [&[&str]; 8] = [
        &["train", "--preset", "lean-lc9"],
        &["train", "--config", &inside("none.toml")],
        &["train", "--resume", "--out", &inside("run")],
        &[
            "train",
            "--config",
            arg(&config),
            "--data",
            &inside("clips"),
            "--out",
            &inside("run"),
        ],
        &[
            "reconstruct",
            &inside("a.mp4"),
            "-o",
            &inside("b.mp4"),
            "--model",
            &inside("model"),
        ],
        &[
            "evaluate",
            "--data",
            &inside("clips"),
            "--model",
            &inside("model"),
        ],
        &["import", &inside("none.pth"), "-o", &inside("model")],
        &["report", &inside("run")],
    ];
    let said = cases.map(|arguments| {
        let command = arguments.join(" ");
        format!("$ trainer {command}\n{}", fail(arguments))
    });
    assert_snapshot!("errors", said.join("\n").replace(place, "FOLDER"));
}
