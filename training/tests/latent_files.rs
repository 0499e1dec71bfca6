//! A latent's file holds what compression keeps, and decodes to what the model reconstructs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use clips::{Clip, Scene};
use common::{arg, fail, succeed};
use safetensors::SafeTensors;
use tempfile::TempDir;

/// A clip in a folder of its own, what is made of it there, and the default model.
struct Case {
    folder: TempDir,
    frames: usize,
}

impl Case {
    fn new(frames: usize) -> Self {
        Self::of(&Scene::FastMotion.render(3, 16, 16, frames))
    }

    fn of(clip: &Clip) -> Self {
        let (folder, frames) = (tempfile::tempdir().unwrap(), clip.frames());
        let case = Self { folder, frames };
        clips::ffmpeg::encode(&case.inside("clip.mp4"), clip, 25.0).unwrap();
        case
    }

    fn inside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Arguments that make one file of another.
    fn making(&self, command: &str, from: &str, to: &str, more: &[&str]) -> Vec<String> {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/lean-lc32-energy");
        let (from, to) = (self.inside(from), self.inside(to));
        let own = [command, arg(&from), "-o", arg(&to), "--model", arg(&model)];
        let all = [&own[..], &["--device", "cpu"], more].concat();
        all.into_iter().map(str::to_owned).collect()
    }

    /// Makes it, and returns what was said.
    fn make(&self, command: &str, from: &str, to: &str, more: &[&str]) -> String {
        let arguments = self.making(command, from, to, more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        String::from_utf8(succeed(&arguments).stdout).unwrap()
    }

    /// How far apart the numbers of two of the videos are on average, of 255.
    fn apart(&self, a: &str, b: &str) -> f64 {
        let [a, b] = [a, b].map(|name| {
            let options = clips::ffmpeg::DecodeOptions::default();
            clips::ffmpeg::decode(&self.inside(name), &options).unwrap()
        });
        assert_eq!((a.frames(), b.frames()), (self.frames, self.frames));
        let pairs = a.data().iter().zip(b.data());
        let apart: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        apart as f64 / a.data().len() as f64
    }
}

/// Where half of the coefficients of a group would be more than the frames there are.
#[test]
fn a_short_clip_is_stored_whole() {
    let case = Case::new(9);
    let said = case.make("encode", "clip.mp4", "latent.safetensors", &[]);
    let expected = "latent [1, 32, 3, 2, 2]: 384 values";
    assert!(said.starts_with(expected), "{said}");
    case.make("decode", "latent.safetensors", "decoded.mp4", &[]);
    case.make("reconstruct", "clip.mp4", "made.mp4", &[]);
    let found = case.apart("decoded.mp4", "made.mp4");
    assert_eq!(found, 0.0, "what is stored is zeroed already");
    case.make("reconstruct", "clip.mp4", "whole.mp4", &["--mask", "none"]);
    let found = case.apart("decoded.mp4", "whole.mp4");
    assert!(found > 0.1, "zeroing is seen");
}

/// The default model is causal: its first latent stands apart and is not compressed.
#[test]
fn a_causal_model_stores_what_it_keeps() {
    let case = Case::new(34);
    let said = case.make("encode", "clip.mp4", "latent.safetensors", &[]);
    // 34 frames are ten latents: one apart, nine in two groups of up to eight.
    let expected = "compact [1, 512, 2, 1, 1] + before [1, 32, 1, 2, 2]: 1152 values";
    assert!(said.starts_with(expected), "{said}");

    case.make("decode", "latent.safetensors", "decoded.mp4", &[]);
    case.make("reconstruct", "clip.mp4", "made.mp4", &[]);
    // The stored coefficients go through the transform once, the others there and back: a number
    // that is rounded the other way moves a few pixels by a level, and the codec some more.
    let mean = case.apart("decoded.mp4", "made.mp4");
    assert!(mean < 0.05, "{mean} of 255 apart");

    let latent = case.inside("latent.safetensors");
    let bytes = fs::read(&latent).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let alone = [("compact", file.tensor("compact").unwrap())];
    let bytes = safetensors::serialize(alone, metadata.metadata().clone()).unwrap();
    fs::write(&latent, bytes).unwrap();
    let again = case.making("decode", "latent.safetensors", "again.mp4", &[]);
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    let said = fail(&again);
    assert!(said.contains("the file has no tensor `before`"), "{said}");
    assert!(!case.inside("again.mp4").exists());
}

/// Two shots, one of which is stored in groups and the other, being short, whole.
#[test]
fn each_shot_is_stored_by_itself() {
    let shots = [(Scene::Sky, 34), (Scene::PrintedPage, 9)];
    let shots = shots.map(|(scene, frames)| scene.render(3, 16, 16, frames).into_data());
    let case = Case::of(&Clip::new(16, 16, shots.concat()).unwrap());
    let said = case.make("encode", "clip.mp4", "latent.safetensors", &[]);
    let expected = "latent [1, 32, 3, 2, 2] + compact [1, 512, 2, 1, 1] + before [1, 32, 1, 2, 2]";
    assert!(said.starts_with(expected), "{said}");
    case.make("decode", "latent.safetensors", "decoded.mp4", &[]);
    let said = case.make("reconstruct", "clip.mp4", "made.mp4", &[]);
    assert!(said.contains("2, each coded by itself"), "{said}");
    let mean = case.apart("decoded.mp4", "made.mp4");
    assert!(mean < 0.05, "{mean} of 255 apart");
}

/// The same config with a weight that is a little different.
#[test]
fn a_latent_of_other_weights_is_refused_with_both_names() {
    let case = Case::new(9);
    case.make("encode", "clip.mp4", "latent.safetensors", &[]);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/lean-lc32-energy");
    let other = case.inside("other");
    fs::create_dir(&other).unwrap();
    fs::copy(published.join("config.json"), other.join("config.json")).unwrap();
    let mut weights = fs::read(published.join("model.safetensors")).unwrap();
    // The last number's lowest bit, in f16.
    let at = weights.len() - 2;
    weights[at] ^= 1;
    fs::write(other.join("model.safetensors"), weights).unwrap();
    let (latent, video) = (case.inside("latent.safetensors"), case.inside("again.mp4"));
    let decode = [
        "decode",
        arg(&latent),
        "-o",
        arg(&video),
        "--device",
        "cpu",
        "--model",
    ];
    let said = fail(&[&decode[..], &[arg(&other)]].concat());
    let names = said.contains(arg(&published)) && said.contains(arg(&other));
    assert!(names && said.contains("it was encoded by"), "{said}");
    succeed(&[&decode[..], &[arg(&published)]].concat());
}

#[test]
fn what_is_read_is_not_written_over() {
    let case = Case::new(9);
    let before = fs::read(case.inside("clip.mp4")).unwrap();
    fs::create_dir(case.inside("b")).unwrap();
    for command in ["encode", "reconstruct"] {
        for output in ["clip.mp4", "b/../clip.mp4"] {
            let arguments = case.making(command, "clip.mp4", output, &[]);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            assert!(fail(&arguments).contains("is what is read"));
        }
    }
    assert_eq!(fs::read(case.inside("clip.mp4")).unwrap(), before);
}
