//! The LC-VAE scripts' way of evaluating, beside the same arithmetic step by step.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use clips::Scene;
use common::{arg, micro_config, narrow_vgg, succeed};
use e2e::vectors::{Vectors, values};
use perceptual::{Backbone, PerceptualDistance};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

const FRAMES: usize = 32;
const SIDE: usize = 16;
const SHAPE: [usize; 5] = [1, 3, FRAMES, SIDE, SIDE];

/// A folder with one clip as pictures, which lose nothing; its values in [0, 1], `[1, 3, T, H, W]`.
fn write_clip(folder: &Path) -> Vec<f32> {
    let film = folder.join("film");
    fs::create_dir_all(&film).unwrap();
    let clip = Scene::FastMotion.render(5, SIDE, SIDE, FRAMES);
    for (number, frame) in clip.iter().enumerate() {
        let file = fs::File::create(film.join(format!("{number}.png"))).unwrap();
        let mut encoder = png::Encoder::new(file, SIDE as u32, SIDE as u32);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(frame).unwrap();
    }
    let plane = |channel: usize| clip.data().iter().skip(channel).step_by(3);
    let planes = (0..3).flat_map(plane);
    planes.map(|byte| f32::from(*byte) / 255.0).collect()
}

/// What the model makes of frames in [0, 1], by the command that runs models on tensors.
fn through_the_model(folder: &Path, export: &Path, video: &[f32]) -> Tensor<5> {
    let [input, output] = ["in", "out"].map(|name| folder.join(name).with_extension("safetensors"));
    let bytes: Vec<u8> = video.iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, SHAPE.to_vec(), &bytes).unwrap();
    fs::write(
        &input,
        safetensors::serialize([("video", view)], None).unwrap(),
    )
    .unwrap();
    let [config, weights] = ["config.json", "model.safetensors"].map(|name| export.join(name));
    let model = [
        "tensors",
        "--config",
        arg(&config),
        "--weights",
        arg(&weights),
    ];
    let files = ["--input", arg(&input), "--output", arg(&output)];
    succeed(&[&model[..], &files].concat());
    Vectors::of(fs::read(&output).unwrap()).tensor("sample")
}

/// Mean over frames of what the network and the squared error make of two clips.
fn by_hand(original: Tensor<5>, sample: Tensor<5>, vgg: &Path) -> (f64, f64) {
    let squares = (sample.clone() - original.clone()).square();
    let errors = values(squares.mean_dims(&[0, 1, 3, 4]).reshape([FRAMES]));
    let psnr: f64 = errors.iter().map(|e| -10.0 * f64::from(*e).log10()).sum();
    let backbone = Backbone::read(&fs::read(vgg).unwrap(), &Device::flex()).unwrap();
    let frames = |clip: Tensor<5>| clip.squeeze_dim::<4>(0).permute([1, 0, 2, 3]);
    let distances = PerceptualDistance::without_heads(backbone)
        .distance(frames(original), frames(sample))
        .mean();
    (psnr / FRAMES as f64, f64::from(values(distances)[0]))
}

#[test]
fn frames_go_in_from_0_to_1_and_what_comes_out_is_measured_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| -> PathBuf { folder.path().join(name) };
    let config = micro_config(folder.path(), 2, 1e-3);
    let (run, data, json) = (inside("run"), inside("clips"), inside("table.json"));
    let own = ["train", "--config", arg(&config), "--out", arg(&run)];
    succeed(&[&own[..], &["--device", "cpu"]].concat());
    let video = write_clip(&data);
    let vgg = narrow_vgg(folder.path());
    let evaluate = |more: &[&str]| {
        let own = ["evaluate", "--data", arg(&data), "--model", arg(&run)];
        let rest = ["--size", "16", "--device", "cpu", "--json", arg(&json)];
        let network = ["--perceptual", arg(&vgg)];
        let output = succeed(&[&own[..], &rest, &network, more].concat());
        let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        let row = &record["sets"][0]["rows"][0];
        let [psnr, distance] = ["psnr", "perceptual"].map(|name| row[name].as_f64().unwrap());
        let protocol = record["protocol"].as_str().unwrap().to_owned();
        (
            protocol,
            psnr,
            distance,
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let sample = through_the_model(folder.path(), &run.join("export"), &video);
    let data = TensorData::new(video, SHAPE);
    let original = Tensor::<5>::from_data(data, &Device::flex());
    let (expected, apart) = by_hand(original, sample, &vgg);

    let (protocol, psnr, distance, table) = evaluate(&["--protocol", "lc-scripts"]);
    assert_eq!(protocol, "lc-scripts");
    assert!(
        table.contains("frames given in [0, 1], output neither clamped"),
        "{table}"
    );
    assert!((psnr - expected).abs() < 1e-4, "{psnr} for {expected}");
    assert!(
        (distance / apart - 1.0).abs() < 1e-4,
        "{distance} for {apart}"
    );

    let (protocol, bytes, _, table) = evaluate(&[]);
    assert_eq!(protocol, "bytes");
    assert!(table.contains("posterior mean, 8-bit frames"), "{table}");
    assert!((bytes - psnr).abs() > 0.1, "{bytes} and {psnr}");
}
