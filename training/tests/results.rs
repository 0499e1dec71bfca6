//! What one looks at: a run's report, and a perceptual distance beside PSNR and SSIM.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{amend, arg, fail, micro_config, succeed};
use safetensors::tensor::{Dtype, TensorView};

fn train(folder: &Path) -> PathBuf {
    let (config, run) = (micro_config(folder, 3, 1e-3), folder.join("run"));
    let own = ["train", "--config", arg(&config), "--out", arg(&run)];
    succeed(&[&own[..], &["--device", "cpu"]].concat());
    run
}

#[test]
fn a_report_is_one_file_with_curves_pictures_and_config() {
    let folder = tempfile::tempdir().unwrap();
    let run = train(folder.path());
    succeed(&["report", arg(&run)]);
    let html = fs::read_to_string(run.join("report.html")).unwrap();
    for part in [
        "<svg",
        "Held-out PSNR (dB)",
        "step-0000003",
        "data:image/png;base64,",
        "data:video/mp4;base64,",
        "base_channels = 4",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    let outside = ["http://", "https://", "<link", "<script"];
    assert!(outside.iter().all(|part| !html.contains(part)));

    let said = fail(&["report", arg(folder.path())]);
    assert!(said.contains("log.jsonl"), "{said}");
}

/// AlexNet's convolutions with weights made up from their places.
fn alexnet(path: &Path) {
    let shapes = [
        (0, [64, 3, 11, 11]),
        (3, [192, 64, 5, 5]),
        (6, [384, 192, 3, 3]),
        (8, [256, 384, 3, 3]),
        (10, [256, 256, 3, 3]),
    ];
    let number =
        |index: u64| (index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / (1 << 24) as f32;
    let tensors = shapes.iter().flat_map(|(layer, shape)| {
        let inputs: usize = shape[1..].iter().product();
        let bound = (6.0 / inputs as f32).sqrt();
        let count = shape.iter().product::<usize>() as u64;
        let weight = (0..count).map(|i| bound * (2.0 * number(i + layer) - 1.0));
        let weight: Vec<u8> = weight.flat_map(f32::to_le_bytes).collect();
        let bias = vec![0; shape[0] * 4];
        [
            (format!("features.{layer}.weight"), shape.to_vec(), weight),
            (format!("features.{layer}.bias"), vec![shape[0]], bias),
        ]
    });
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = tensors.collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name.clone(), view)
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

#[test]
fn a_network_adds_its_distance_and_another_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = train(folder.path());
    let data = folder.path().join("clips");
    fs::create_dir(&data).unwrap();
    let clip = clips::Scene::SlowPan.render(3, 64, 64, 32);
    clips::ffmpeg::encode(&data.join("clip.mp4"), &clip, 25.0).unwrap();
    let weights = folder.path().join("alexnet.safetensors");
    alexnet(&weights);

    let evaluate = |file: &Path, size: &str| {
        let start = ["evaluate", "--data", arg(&data), "--model", arg(&run)];
        let rest = ["--size", size, "--device", "cpu", "--perceptual", arg(file)];
        [&start[..], &rest[..]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let arguments = evaluate(&weights, "64");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let table = String::from_utf8(succeed(&arguments).stdout).unwrap();
    assert!(table.contains("feature distance (AlexNet)"), "{table}");
    assert!(
        table.contains("Written by `trainer evaluate --data"),
        "{table}"
    );
    let row = table.lines().rfind(|line| line.starts_with('|')).unwrap();
    let distance = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
    let distance: f64 = distance.parse().unwrap();
    assert!(distance > 0.0 && distance.is_finite(), "{table}");

    let text = folder.path().join("text.pth");
    fs::write(&text, "not a network").unwrap();
    let arguments = evaluate(&text, "64");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = fail(&arguments);
    assert!(said.contains("text.pth cannot be used"), "{said}");
}

#[test]
fn frames_too_small_for_a_network_are_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let (config, run) = (
        micro_config(folder.path(), 1, 1e-3),
        folder.path().join("run"),
    );
    let weights = folder.path().join("alexnet.safetensors");
    alexnet(&weights);
    let own = ["evaluate", "--scenes", "--model", arg(&run), "--size", "24"];
    let said = fail(&[&own[..], &["--perceptual", arg(&weights)]].concat());
    let sentence = "frames of 24x24 are too small for AlexNet, which needs 31x31";
    assert!(said.contains(sentence) && said.contains("--size"), "{said}");

    let loss = "\n[loss.perceptual]\nweight = 1.0\nbackbone = \"alexnet\"\n";
    amend(&config, |text| format!("{text}{loss}"));
    let own = ["train", "--config", arg(&config), "--out", arg(&run)];
    let said = fail(&[&own[..], &["--perceptual", arg(&weights)]].concat());
    let sentence = "frames of 16x16 are too small for AlexNet, which needs 31x31";
    assert!(
        said.contains(sentence) && said.contains("data.size"),
        "{said}"
    );
    assert!(!run.join("checkpoint.safetensors").exists());
}
