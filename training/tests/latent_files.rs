//! A latent's file holds what compression keeps, and decodes to what the model reconstructs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;

use clips::Scene;
use common::{arg, fail, succeed};
use safetensors::SafeTensors;

/// How far apart the numbers of two videos of so many frames are on average, of 255.
fn apart(a: &Path, b: &Path, frames: usize) -> f64 {
    let [a, b] = [a, b].map(|path| {
        let options = clips::ffmpeg::DecodeOptions::default();
        clips::ffmpeg::decode(path, &options).unwrap()
    });
    assert_eq!((a.frames(), b.frames()), (frames, frames));
    let pairs = a.data().iter().zip(b.data());
    let apart: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    apart as f64 / a.data().len() as f64
}

/// Where half of the coefficients of a group would be more than the frames there are.
#[test]
fn a_short_clip_is_stored_whole() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let video = inside("clip.mp4");
    let clip = Scene::FastMotion.render(3, 16, 16, 9);
    clips::ffmpeg::encode(&video, &clip, 25.0).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/lean-lc32-energy");
    let model = ["--model", arg(&model), "--device", "cpu"];
    let [latent, decoded, made] = ["latent.safetensors", "decoded.mp4", "made.mp4"].map(inside);
    let own = ["encode", arg(&video), "-o", arg(&latent)];
    let said = String::from_utf8(succeed(&[&own[..], &model].concat()).stdout).unwrap();
    assert!(
        said.starts_with("latent [1, 32, 3, 2, 2]: 384 values"),
        "{said}"
    );
    let own = ["decode", arg(&latent), "-o", arg(&decoded)];
    succeed(&[&own[..], &model].concat());
    let own = ["reconstruct", arg(&video), "-o", arg(&made)];
    succeed(&[&own[..], &model].concat());
    assert_eq!(
        apart(&decoded, &made, 9),
        0.0,
        "what is stored is zeroed already"
    );
    let own = [
        "reconstruct",
        arg(&video),
        "-o",
        arg(&made),
        "--mask",
        "none",
    ];
    succeed(&[&own[..], &model].concat());
    assert!(apart(&decoded, &made, 9) > 0.1, "zeroing is seen");
}

/// The default model is causal: its first latent stands apart and is not compressed.
#[test]
fn a_causal_model_stores_what_it_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let video = inside("clip.mp4");
    let clip = Scene::FastMotion.render(3, 16, 16, 34);
    clips::ffmpeg::encode(&video, &clip, 25.0).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/lean-lc32-energy");
    let model = ["--model", arg(&model), "--device", "cpu"];

    let latent = inside("latent.safetensors");
    let own = ["encode", arg(&video), "-o", arg(&latent)];
    let said = succeed(&[&own[..], &model].concat()).stdout;
    let said = String::from_utf8(said).unwrap();
    // 34 frames are ten latents: one apart, nine in two groups of up to eight.
    let expected = "compact [1, 512, 2, 1, 1] + before [1, 32, 1, 2, 2]: 1152 values";
    assert!(said.starts_with(expected), "{said}");

    let [decoded, made] = ["decoded.mp4", "made.mp4"].map(inside);
    let own = ["decode", arg(&latent), "-o", arg(&decoded)];
    succeed(&[&own[..], &model].concat());
    let own = ["reconstruct", arg(&video), "-o", arg(&made)];
    succeed(&[&own[..], &model].concat());
    // The stored coefficients go through the transform once, the others there and back: a number
    // that is rounded the other way moves a few pixels by a level, and the codec some more.
    let mean = apart(&decoded, &made, 34);
    assert!(mean < 0.05, "{mean} of 255 apart");

    let bytes = fs::read(&latent).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let alone = [("compact", file.tensor("compact").unwrap())];
    let bytes = safetensors::serialize(alone, metadata.metadata().clone()).unwrap();
    fs::write(&latent, bytes).unwrap();
    let again = inside("again.mp4");
    let own = ["decode", arg(&latent), "-o", arg(&again)];
    let said = fail(&[&own[..], &model].concat());
    assert!(said.contains("the file has no tensor `before`"), "{said}");
    assert!(!again.exists());
}
