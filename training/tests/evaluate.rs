//! The table: sets, masks, yardsticks, and the record beside it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use clips::{Clip, Scene};
use common::{arg, fail, micro_config, narrow_vgg, succeed};
use e2e::vectors::{fixture, formula_tensor, values};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;
use wavelet::MaskChoice;

/// A run without a mask, so that masks are post-training compression.
fn train(folder: &Path) -> PathBuf {
    let config = micro_config(folder, 2, 1e-3);
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("lowpass50", "none")).unwrap();
    let run = folder.join("run");
    let own = ["train", "--config", arg(&config), "--out", arg(&run)];
    succeed(&[&own[..], &["--device", "cpu"]].concat());
    run
}

fn write_clips(folder: &Path, scenes: &[Scene]) {
    fs::create_dir(folder).unwrap();
    for (number, scene) in scenes.iter().enumerate() {
        let clip = scene.render(number as u64, 32, 32, 33);
        let path = folder.join(format!("{number}.mp4"));
        clips::ffmpeg::encode(&path, &clip, 25.0).unwrap();
    }
}

/// Of the shipped model with the fewest channels.
#[test]
fn shots_are_coded_as_one_unless_asked_for_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let (data, json) = (
        folder.path().join("clips"),
        folder.path().join("table.json"),
    );
    fs::create_dir(&data).unwrap();
    let shots = [(Scene::Sky, 20), (Scene::DeadLeaves, 14)].into_iter();
    let frames = shots.flat_map(|(scene, count)| scene.render(3, 32, 32, count).into_data());
    let clip = Clip::new(32, 32, frames.collect()).unwrap();
    clips::ffmpeg::encode(&data.join("cut.mp4"), &clip, 25.0).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/lean-c4");
    let own = [
        "evaluate",
        "--data",
        arg(&data),
        "--model",
        arg(&model),
        "--size",
        "32",
    ];
    let rest = ["--frames", "34", "--device", "cpu", "--json", arg(&json)];
    let measured = |more: &[&str]| {
        succeed(&[&own[..], &rest, more].concat());
        let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        let row = &record["sets"][0]["rows"][0];
        (
            row["values"].as_u64().unwrap(),
            row["psnr"].as_f64().unwrap(),
        )
    };
    let (as_one, by_shot) = (measured(&[]), measured(&["--shots"]));
    // 34 frames are ten latents, 20 and 14 are six and five, of 4 channels of 4x4.
    assert_eq!((as_one.0, by_shot.0), (10 * 64, 11 * 64));
    assert!(by_shot.1 > as_one.1 + 0.1, "{as_one:?} {by_shot:?}");
}

#[test]
fn every_set_has_every_row_in_the_table_and_in_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let run = train(folder.path());
    let (data, fit, json) = (inside("clips"), inside("fit"), inside("table.json"));
    write_clips(&data, &[Scene::StillTexture, Scene::FastMotion, Scene::Sky]);
    write_clips(&fit, &[Scene::DeadLeaves, Scene::Water]);
    let own = [
        "eval",
        "--data",
        arg(&data),
        "--model",
        arg(&run),
        "--mask",
        "lowpass50",
        "none",
    ];
    let more = [
        "--yardsticks",
        "--fit",
        arg(&fit),
        "--h264",
        "40",
        "--scenes",
        "--subsets",
        "--topk",
        "0.5",
    ];
    let rest = [
        "--size",
        "32",
        "--json",
        arg(&json),
        "--device",
        "cpu",
        "--per-clip",
    ];
    let output = succeed(&[&own[..], &more, &rest].concat());
    let table = String::from_utf8(output.stdout).unwrap();
    for part in [
        "| as trained |",
        "| PTLC | low-pass 50 % | 2 | 50.0 % | 1 |",
        "| PTLC | Top-k 50 % by energy | 2 | 50.0 % | 1 |",
        "Fast-motion third",
    ] {
        assert!(table.contains(part), "{part} is missing in {table}");
    }

    let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert!(
        record["command"]
            .as_str()
            .unwrap()
            .starts_with("trainer eval --data")
    );
    let sets = record["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 3, "clips, compressed clips, scenes");
    let how = |set: &Value| -> Vec<String> {
        let rows = set["rows"].as_array().unwrap().iter();
        rows.map(|row| row["how"].as_str().unwrap().to_owned())
            .collect()
    };
    let models = [
        "as trained",
        "PTLC",
        "PTLC",
        "yardstick",
        "yardstick",
        "yardstick",
        "yardstick",
    ];
    assert_eq!(how(&sets[0]), models);
    assert_eq!(how(&sets[1])[0], "input");
    assert_eq!(how(&sets[1])[1..], models);
    assert_eq!(how(&sets[2]), models);
    assert_eq!(
        sets[0]["data_sha256"], sets[1]["data_sha256"],
        "the same clean clips"
    );
    assert_ne!(sets[0]["data_sha256"], sets[2]["data_sha256"]);

    let rows = sets[0]["rows"].as_array().unwrap();
    // 32 frames of 32x32 are 8 x 4 x 4 latent positions.
    let values: Vec<u64> = rows
        .iter()
        .map(|row| row["values"].as_u64().unwrap())
        .collect();
    assert_eq!(values, [256, 128, 128, 128, 128, 256, 256]);
    let masks: Vec<&Value> = rows.iter().map(|row| &row["mask"]).collect();
    assert_eq!(masks[..2], ["none", "lowpass50"], "as --mask takes them");
    assert!(masks[2].as_str().unwrap().starts_with("{\"channels\":["));
    assert_eq!(rows[1]["mask_label"], "low-pass 50 %");
    assert_eq!(masks[3], &Value::Null, "a yardstick has none");
    let psnr = |row: &Value| row["psnr"].as_f64().unwrap();
    assert!(
        psnr(&rows[5]) > psnr(&rows[3]),
        "two DCT coefficients beat one"
    );
    let clips = rows[0]["clips"].as_array().unwrap();
    let sum: f64 = clips.iter().map(psnr).sum();
    assert!((sum / 3.0 - psnr(&rows[0])).abs() < 1e-9);
    assert!(rows[1]["retained"].as_f64().unwrap() < rows[0]["retained"].as_f64().unwrap());
    assert!(
        psnr(&sets[1]["rows"][6]) < psnr(&rows[5]),
        "compression costs something"
    );
    let still = &sets[0]["parts"][1]["clips"];
    assert!(
        !still.as_array().unwrap().contains(&"0.mp4".into()),
        "{still}"
    );

    let own = [
        "eval",
        "--data",
        arg(&data),
        "--yardsticks",
        "--fit",
        arg(&data),
    ];
    let said = fail(&[&own[..], &["--size", "32", "--coefficients", "2"]].concat());
    assert!(said.contains("among the measured clips"), "{said}");
}

/// What the papers' scripts do otherwise is a choice, and the table says what was chosen.
#[test]
fn samples_and_spatial_distances_are_measured_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let run = train(folder.path());
    let vgg = narrow_vgg(folder.path());
    let (data, json) = (inside("clips"), inside("table.json"));
    fs::create_dir(&data).unwrap();
    // The last taps have 5 and 2 of 44 pixels. Maps enlarged by a whole number would keep their mean.
    let clip = Scene::FastMotion.render(0, 44, 44, 33);
    clips::ffmpeg::encode(&data.join("0.mp4"), &clip, 25.0).unwrap();
    let evaluate = |more: &[&str]| {
        let own = [
            "eval",
            "--data",
            arg(&data),
            "--model",
            arg(&run),
            "--size",
            "44",
        ];
        let rest = [
            "--perceptual",
            arg(&vgg),
            "--json",
            arg(&json),
            "--device",
            "cpu",
        ];
        let output = succeed(&[&own[..], &rest, more].concat());
        let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        let row = &record["sets"][0]["rows"][0];
        let number = |name: &str| row[name].as_f64().unwrap();
        let table = String::from_utf8(output.stdout).unwrap();
        (number("psnr"), number("perceptual"), table)
    };
    let (psnr, distance, table) = evaluate(&[]);
    assert!(table.contains("posterior mean, 8-bit"), "{table}");
    let (sampled, _, table) = evaluate(&["--sample-seed", "3"]);
    assert!(table.contains("posterior sample (seed 3)"), "{table}");
    assert_ne!(sampled, psnr);
    assert_eq!(evaluate(&["--sample-seed", "3"]).0, sampled);
    let (same, spatial, table) = evaluate(&["--lpips-spatial"]);
    assert!(table.contains(", spatial |"), "{table}");
    assert_eq!(same, psnr);
    let apart = (spatial / distance - 1.0).abs();
    assert!((1e-5..0.5).contains(&apart), "{spatial} {distance}");
}

#[test]
fn a_latent_is_analysed_into_numbers_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let run = train(folder.path());
    let (data, output) = (inside("clips"), inside("analysis"));
    write_clips(&data, &[Scene::FastMotion, Scene::Sky]);
    let own = ["analyse", "--data", arg(&data), "--model", arg(&run)];
    let more = ["--size", "32", "-o", arg(&output), "--device", "cpu"];
    let keep = ["--keep", "0.25"];
    let said = succeed(&[&own[..], &more, &keep].concat()).stdout;
    let said = String::from_utf8(said).unwrap();
    let line = said.lines().find(|line| line.starts_with("mask = "));
    let model: toml::Table = toml::from_str(line.unwrap()).unwrap();
    let mask: MaskChoice = model["mask"].clone().try_into().unwrap();
    let mask = mask.build(2).unwrap();
    assert_eq!(mask.keep_ratio(), 0.25);
    assert!(mask.kept_per_group()[0] > 0, "{mask:?}");
    let record = fs::read(output.join("analysis.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    for list in ["bands", "paths"] {
        let shares = record[list].as_array().unwrap().iter();
        let sum: f64 = shares
            .map(|item| item["energy_share"].as_f64().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-6, "{list} {sum}");
    }
    let rho = record["bands"][0]["autocorrelation"].as_f64().unwrap();
    assert!((-1.5..=1.5).contains(&rho), "{rho}");
    assert_eq!(record["paths"][7]["path"], "HLL");
    for figure in [
        "band-energy.svg",
        "band-autocorrelation.svg",
        "path-energy.svg",
    ] {
        let svg = fs::read_to_string(output.join(figure)).unwrap();
        assert!(
            svg.starts_with("<svg xmlns=") && svg.matches("<rect").count() == 8,
            "{svg}"
        );
    }
}

/// A file with the tensors of I3D, its numbers by formula.
fn i3d(folder: &Path) -> PathBuf {
    let list = fs::read_to_string(fixture("perceptual/i3d_keys.tsv")).unwrap();
    let mut tensors = Vec::new();
    for line in list.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let sizes = columns[1].trim_matches(['[', ']']).split(", ");
        let shape: Vec<usize> = sizes.map(|size| size.parse().unwrap()).collect();
        let [lo, hi] = [2, 3].map(|bound: usize| columns[bound].parse::<f32>().unwrap());
        let numbers = values(formula_tensor(columns[0], [shape.iter().product()], 1.0));
        let numbers = numbers
            .into_iter()
            .map(|v| lo + (hi - lo) * (v + 1.0) / 2.0);
        let bytes: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
        tensors.push((columns[0], shape, bytes));
    }
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (*name, view)
    });
    let path = folder.join("i3d.safetensors");
    fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    path
}

#[test]
fn rfvd_is_measured_with_the_file_that_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    let (run, weights) = (train(folder.path()), i3d(folder.path()));
    let (data, json) = (inside("clips"), inside("table.json"));
    write_clips(&data, &[Scene::StillTexture, Scene::FastMotion]);
    let own = ["eval", "--data", arg(&data), "--model", arg(&run)];
    let rest = ["--size", "32", "--device", "cpu"];
    let evaluate = |frames: &str, more: &[&str]| {
        let arguments = [&own[..], &rest, &["--frames", frames], more].concat();
        String::from_utf8(succeed(&arguments).stdout).unwrap()
    };
    let measured = |mode: &str| {
        let more = ["--i3d", arg(&weights), "--fvd", mode, "--json", arg(&json)];
        let table = evaluate("9", &more);
        assert!(table.contains(&format!("| rFVD ({mode}) |")), "{table}");
        let record: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
        assert_eq!(record["rfvd"]["file"], "i3d.safetensors");
        let rfvd = record["sets"][0]["rows"][0]["rfvd"].clone();
        assert_eq!((&rfvd["mode"], &rfvd["clips"]), (&mode.into(), &2.into()));
        let value = rfvd["value"].as_f64().unwrap();
        assert!(value > 0.0 && value.is_finite(), "{rfvd}");
        assert!(
            table.contains(&format!("| {value:.2} |")),
            "{value} {table}"
        );
        (table, rfvd)
    };
    let (table, rfvd) = measured("set");
    assert!(
        rfvd["covariance"] == true && !table.contains("no covariance"),
        "{table}"
    );
    let (table, rfvd) = measured("batch:1");
    assert!(
        rfvd["covariance"] == false && table.contains("no covariance"),
        "{table}"
    );

    let table = evaluate("8", &["--json", arg(&json)]);
    let record = fs::read_to_string(&json).unwrap();
    assert!(
        !table.contains("FVD") && !record.contains("fvd"),
        "{table} {record}"
    );

    let refused = |frames: &str, file: &Path, mode: &str, part: &str| {
        let more = ["--frames", frames, "--i3d", arg(file), "--fvd", mode];
        let said = fail(&[&own[..], &rest, &more].concat());
        assert!(said.contains(part), "{said}");
    };
    refused("8", &weights, "set", "at least 9 frames");
    refused("9", &weights, "batch:0", "batch:10");
    let script = fixture("torchfile/script.pt");
    refused("9", &script, "set", "script.pt cannot be used");
    refused("9", &script, "set", "i3d_pretrained_400.pt is wanted");
    let other = fixture("perceptual/lpips_heads.safetensors");
    refused("9", &other, "set", "not the weights of I3D");
}
