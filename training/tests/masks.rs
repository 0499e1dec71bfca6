//! A mask file of LC-VAE's authors does what the same mask does by its name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::Path;

use clips::Scene;
use common::{amend, arg, fail, micro_config, succeed};
use serde_json::Value;
use wavelet::MaskChoice;

/// The file of the mask `paper50` for so many latent channels.
fn write_mask(path: &Path, channels: usize) {
    let mask = MaskChoice::Paper50.build(channels).unwrap();
    fs::write(path, mask.to_authors_json()).unwrap();
}

#[test]
fn a_file_does_what_the_mask_in_it_does_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let (data, run, file) = (inside("clips"), inside("run"), inside("fixed_mask.json"));
    write_mask(&file, 2);
    fs::create_dir(&data).unwrap();
    let video = data.join("clip.mp4");
    let clip = Scene::FastMotion.render(3, 16, 16, 32);
    clips::ffmpeg::encode(&video, &clip, 25.0).unwrap();

    // The run is trained with the file, and its export holds the list.
    let config = micro_config(folder.path(), 1, 1e-3);
    amend(&config, |text| text.replace("lowpass50", "fixed_mask.json"));
    let own = ["train", "--config", arg(&config), "--out", arg(&run)];
    succeed(&[&own[..], &["--device", "cpu"]].concat());
    let config = fs::read_to_string(run.join("export/config.json")).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    let kept = config["mask"]["channels"].as_array().unwrap();
    assert_eq!(kept.len(), 32, "half of 32 groups of 2 channels");

    let model = ["--model", arg(&run), "--device", "cpu"];
    let latent = |mask: &str| {
        let path = inside("latent.safetensors");
        let own = ["encode", arg(&video), "-o", arg(&path), "--mask", mask];
        let said = succeed(&[&own[..], &model].concat()).stdout;
        let said = String::from_utf8(said).unwrap();
        assert!(said.starts_with("compact [1, 32, 1, 1, 1]"), "{said}");
        let decoded = inside("decoded.mp4");
        let own = ["decode", arg(&path), "-o", arg(&decoded)];
        succeed(&[&own[..], &model].concat());
        fs::read(decoded).unwrap()
    };
    assert_eq!(latent(arg(&file)), latent("paper50"));
    assert_ne!(latent(arg(&file)), latent("lowpass50"));

    let output = inside("made.mp4");
    let own = ["reconstruct", arg(&video), "-o", arg(&output)];
    let said = succeed(&[&own[..], &["--mask", arg(&file)], &model].concat()).stdout;
    let said = String::from_utf8(said).unwrap();
    let line = "2 channels, fixed_mask.json, 1 effective";
    assert!(said.contains(line), "{said}");

    // The model's own mask is tried once, however it is named.
    let json = inside("table.json");
    let own = ["evaluate", "--data", arg(&data), "--size", "16"];
    let masks = [
        "--mask",
        arg(&file),
        "paper50",
        "none",
        "--json",
        arg(&json),
    ];
    succeed(&[&own[..], &masks, &model].concat());
    let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    let rows = record["sets"][0]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");

    write_mask(&file, 4);
    let said = fail(&[&own[..], &["--mask", arg(&file)], &model].concat());
    assert!(
        said.contains("fixed_mask.json cannot be used") && said.contains("the latent has 64"),
        "{said}"
    );
}
