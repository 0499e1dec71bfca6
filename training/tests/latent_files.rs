//! A latent's file holds what compression keeps, and decodes to what the model reconstructs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;

use clips::Scene;
use common::{arg, fail, succeed};
use safetensors::SafeTensors;

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
    let frames = |path: &Path| {
        let options = clips::ffmpeg::DecodeOptions::default();
        clips::ffmpeg::decode(path, &options).unwrap()
    };
    let (decoded, made) = (frames(&decoded), frames(&made));
    assert_eq!(decoded.frames(), 34);
    // The stored coefficients go through the transform once, the others there and back: a number
    // that is rounded the other way moves a few pixels by a level, and the codec some more.
    let pairs = decoded.data().iter().zip(made.data());
    let apart: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = apart as f64 / decoded.data().len() as f64;
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
