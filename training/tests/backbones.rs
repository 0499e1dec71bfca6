//! Wan 2.1 and IV-VAE through the real binary: nothing but the config, or the weight file, says
//! which backbone it is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{arg, fail, micro_config, succeed};

const WAN: &str = r#"_class_name = "Wan2_1_VAE_MultiWavelet"
z_channels = 4
dim = 2
num_res_blocks = 1
mask = "lowpass50"
"#;

const IV: &str = r#"_class_name = "IV_VAE"
z_dim = 4
dim = 2
num_res_blocks = 1
mask = "lowpass50"
"#;

/// The micro config with another model of 33 frames in it.
fn config(folder: &Path, model: &str) -> PathBuf {
    let path = micro_config(folder, 20, 1e-2);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("[model]").unwrap();
    let (_, after) = rest.split_once("[data]").unwrap();
    let text = format!("{before}[model]\n{model}\n[data]{after}");
    fs::write(&path, text.replace("frames = 32", "frames = 33")).unwrap();
    path
}

#[test]
fn they_are_trained_with_compression() {
    for model in [WAN, IV] {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let config = config(folder.path(), model);
        let files = ["--config", arg(&config), "--out", arg(&run)];
        succeed(&[&["train", "--device", "cpu"], &files[..]].concat());
        let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
        let lines = log
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let losses: Vec<f64> = lines.filter_map(|line| line["loss"].as_f64()).collect();
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        assert_eq!(losses.len(), 20);
        assert!(mean(&losses[15..]) < 0.9 * losses[0], "{losses:?}");
    }
}

/// The reference's own weights, of a tiny model.
fn weights(backbone: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    fixtures.join(backbone).join("tiny_weights.safetensors")
}

/// A clip that no backbone takes as it is comes back in its own size.
#[test]
fn a_weight_file_alone_reconstructs_any_clip() {
    let folder = tempfile::tempdir().unwrap();
    let (clip, output) = (
        folder.path().join("clip.mp4"),
        folder.path().join("out.mp4"),
    );
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .args(["testsrc2=size=28x20:rate=8", "-frames:v", "7"])
        .arg(&clip)
        .status()
        .unwrap();
    assert!(status.success());
    for backbone in ["wan", "ivvae"] {
        let weights = weights(backbone);
        let model = ["--model", arg(&weights), "--device", "cpu"];
        let said =
            succeed(&[&["reconstruct", arg(&clip), "-o", arg(&output)], &model[..]].concat());
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("7 frames of 28x20"), "{said}");
        assert!(output.exists());
        fs::remove_file(&output).unwrap();
    }
}

#[test]
fn a_weight_file_of_another_backbone_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, r#"{"_class_name": "LeanVAE"}"#).unwrap();
    let weights = weights("ivvae");
    let files = ["--config", arg(&config), "--weights", arg(&weights)];
    let nothing = ["--input", "none", "--output", "none"];
    let said = fail(&[&["tensors"], &files[..], &nothing[..]].concat());
    assert!(said.contains("those of IV-VAE"), "{said}");
}

#[test]
fn costs_are_counted_from_configs() {
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/published");
    let lean = published.join("lean-c4.json");
    let said = succeed(&["cost", "--config", arg(&lean)]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("| 39.8 | 17x256x256 |"), "{said}");
}
