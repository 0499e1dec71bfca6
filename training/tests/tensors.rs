//! `tensors` writes what it promises, under the promised names.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{arg, export, fail, read, succeed};
use safetensors::tensor::{Dtype, TensorView};

fn write_video(path: &Path, shape: [usize; 5]) {
    let count: usize = shape.iter().product();
    let bytes: Vec<u8> = (0..count)
        .flat_map(|i| ((i * 37 % 200) as f32 / 100.0 - 1.0).to_le_bytes())
        .collect();
    let view = TensorView::new(Dtype::F32, shape.to_vec(), &bytes).unwrap();
    fs::write(
        path,
        safetensors::serialize([("video", view)], None).unwrap(),
    )
    .unwrap();
}

struct Case {
    _folder: tempfile::TempDir,
    config: PathBuf,
    weights: PathBuf,
    input: PathBuf,
    output: PathBuf,
}

fn case(shape: [usize; 5]) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let export = export(folder.path());
    let (input, output) = (
        folder.path().join("in.safetensors"),
        folder.path().join("out.safetensors"),
    );
    write_video(&input, shape);
    let (config, weights) = (export.join("config.json"), export.join("model.safetensors"));
    Case {
        _folder: folder,
        config,
        weights,
        input,
        output,
    }
}

impl Case {
    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec![
            "tensors",
            "--config",
            arg(&self.config),
            "--weights",
            arg(&self.weights),
        ];
        all.extend(["--input", arg(&self.input), "--output", arg(&self.output)]);
        all.extend(more);
        all
    }

    fn run(&self, more: &[&str]) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
        succeed(&self.arguments(more));
        read(&self.output)
    }
}

#[test]
fn names_shapes_and_switches_are_as_promised() {
    let case = case([2, 3, 32, 32, 16]);
    let results = case.run(&[]);
    let shapes: Vec<(&str, &[usize])> = results
        .iter()
        .map(|(name, (shape, _))| (name.as_str(), shape.as_slice()))
        .collect();
    assert_eq!(
        shapes,
        [
            ("coefficients", &[2, 64, 1, 2, 1][..]),
            ("kept", &[2, 32, 1, 2, 1]),
            ("latent", &[2, 2, 8, 4, 2]),
            ("logvar", &[2, 2, 8, 4, 2]),
            ("mean", &[2, 2, 8, 4, 2]),
            ("restored", &[2, 2, 8, 4, 2]),
            ("sample", &[2, 3, 32, 32, 16]),
        ]
    );
    assert_eq!(results["latent"], results["mean"]);
    assert_ne!(results["restored"], results["latent"]);

    let raw = case.run(&["--no-compression"]);
    assert_eq!(raw["restored"], results["restored"]);
    assert_ne!(raw["sample"], results["sample"]);

    let sampled = case.run(&["--sample-seed", "3"]);
    assert_ne!(sampled["latent"], sampled["mean"]);
    assert_eq!(case.run(&["--sample-seed", "3"]), sampled);
    assert_ne!(
        case.run(&["--sample-seed", "4"])["latent"],
        sampled["latent"]
    );
}

#[test]
fn models_without_a_mask_write_the_compression_all_the_same() {
    let case = case([1, 3, 32, 16, 16]);
    let text = fs::read_to_string(&case.config)
        .unwrap()
        .replace("\"lowpass50\"", "\"none\"");
    fs::write(&case.config, text).unwrap();
    let results = case.run(&[]);
    assert_eq!(results["kept"], results["coefficients"]);
    assert_eq!(results["sample"], case.run(&["--no-compression"])["sample"]);
}

#[test]
fn inputs_that_do_not_suit_are_refused() {
    let case = case([1, 3, 32, 16, 20]);
    let said = fail(&case.arguments(&[]));
    assert!(said.contains("multiples of 16"), "{said}");
    assert!(
        said.contains("WVAE_Compressed_TopK_multi_wavelet"),
        "{said}"
    );
    fs::write(&case.input, "nothing").unwrap();
    assert!(fail(&case.arguments(&[])).contains("cannot be used"));
    assert!(!case.output.exists());
}
