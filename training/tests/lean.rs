//! LeanVAE through the real binary: nothing but the config says that it is another backbone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Distribution, Tensor};
use common::{amend, arg, fail, micro_config, narrow_vgg, succeed};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

const MODEL: &str = r#"[model]
_class_name = "LeanVAE"
latent_dim = 2
l_dim = 4
h_dim = 8
sep_num_layer = 1
fusion_num_layer = 1
ista_iter_num = 1
ista_layer_num = 1
mask = "lowpass50"
"#;

/// The micro config with a LeanVAE of 33 frames in it.
fn config(folder: &Path, steps: u64) -> PathBuf {
    let path = micro_config(folder, steps, 1e-2);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("[model]").unwrap();
    let (_, after) = rest.split_once("[data]").unwrap();
    let text = format!("{before}{MODEL}\n[data]{after}").replace("frames = 32", "frames = 33");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn it_learns_is_resumed_published_and_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let train = |steps, more: &[&str]| {
        let config = config(folder.path(), steps);
        let own = [
            "train",
            "--config",
            arg(&config),
            "--out",
            arg(&run),
            "--device",
            "cpu",
        ];
        succeed(&[&own, more].concat());
    };
    train(10, &[]);
    train(30, &["--resume"]);
    let losses = losses(&run.join("log.jsonl"));
    assert_eq!(losses.len(), 30);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    assert!(mean(&losses[20..]) < 0.9 * mean(&losses[..5]), "{losses:?}");

    let models = folder.path().join("models");
    let into = ["--into", arg(&models), "--id", "lean"];
    let words = ["--name", "Lean", "--family", "Tests", "--summary", "A test"];
    succeed(&[&["publish", arg(&run)], &into[..], &words[..]].concat());

    let shapes = tensors(folder.path(), &models.join("lean"));
    let of = |name: &str| shapes.iter().find(|(n, _)| n == name).unwrap().1.clone();
    assert_eq!(of("mean"), [1, 2, 9, 2, 2]);
    // Eight latents behind the first become one group, half of whose 64 channels is kept.
    assert_eq!(of("kept"), [1, 32, 1, 1, 1]);
    assert_eq!(of("restored"), [1, 2, 9, 2, 2]);
    assert_eq!(of("sample"), [1, 3, 33, 16, 16]);
}

/// The reference's losses and discriminator: subbands, a window of frames, LeCAM, both networks in
/// every step.
#[test]
fn it_learns_with_its_own_losses() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), 4);
    let vgg = narrow_vgg(folder.path());
    amend(&path, |text| {
        let text = text.replacen("size = 16", "size = 32", 1);
        let text = text.replace("cache_short_side = 16", "cache_short_side = 32");
        let file = arg(&vgg);
        format!(
            "{text}\n[loss.bands]\nlow = 0.1\nhigh = 0.2\n\n\
             [loss.perceptual]\nweight = 4.0\nbackbone = \"vgg16\"\nfile = \"{file}\"\n\
             window = 4\nscale = 0.5\n\n\
             [adversarial]\nweight = 0.2\nadaptive = false\nstart = 2\nturns = \"both\"\n\
             patch = \"frame\"\nwidth = 4\nlayers = 3\ndropout = 0.0\npull = \"frames\"\n\
             lecam = 0.005\nlr = 1e-3\n"
        )
    });
    let run = folder.path().join("run");
    let place = ["--out", arg(&run), "--device", "cpu"];
    succeed(&[&["train", "--config", arg(&path)], &place[..]].concat());
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap();
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("\"loss\""))
        .collect();
    assert_eq!(lines.len(), 4);
    for name in [
        "low_bands",
        "high_bands",
        "perceptual",
        "discriminator",
        "adversarial",
    ] {
        assert!(
            lines[2].contains(&format!("\"{name}\":")),
            "{name}: {}",
            lines[2]
        );
    }
    assert!(!lines[1].contains("adversarial"), "{}", lines[1]);
}

#[test]
fn frames_that_do_not_suit_it_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), 1);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("frames = 33", "frames = 32")).unwrap();
    let said = fail(&["train", "--config", arg(&path), "--device", "cpu"]);
    assert!(said.contains("is 33"), "{said}");
}

fn losses(log: &Path) -> Vec<f64> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    lines.filter_map(|line| line["loss"].as_f64()).collect()
}

/// Names and shapes of what `tensors` writes for a random clip.
fn tensors(folder: &Path, model: &Path) -> Vec<(String, Vec<usize>)> {
    let (input, output) = (
        folder.join("in.safetensors"),
        folder.join("out.safetensors"),
    );
    let shape = [1, 3, 33, 16, 16];
    let clip = Tensor::<5>::random(shape, Distribution::Uniform(-1.0, 1.0), &Device::flex());
    let values = clip.into_data().try_into_vec::<f32>().unwrap();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, shape.to_vec(), &bytes).unwrap();
    fs::write(
        &input,
        safetensors::serialize([("video", view)], None).unwrap(),
    )
    .unwrap();
    let (config, weights) = (model.join("config.json"), model.join("model.safetensors"));
    let files = ["--config", arg(&config), "--weights", arg(&weights)];
    let ends = [
        "--input",
        arg(&input),
        "--output",
        arg(&output),
        "--device",
        "cpu",
    ];
    succeed(&[&["tensors"], &files[..], &ends[..]].concat());
    let bytes = fs::read(&output).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |(name, view): (&str, TensorView<'_>)| (name.to_owned(), view.shape().to_vec());
    file.iter().map(shape).collect()
}
