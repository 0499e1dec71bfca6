//! Every way in for weights takes the same files and refuses the same ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{arg, export, fail, micro_config, read, stderr, succeed};
use safetensors::tensor::{Dtype, TensorView};

/// The tensors of a model under other names, a number of the first one changed.
fn write(path: &Path, model: &Path, front: &str, first: Option<f32>) {
    let mut tensors = read(&model.join("model.safetensors"));
    if let Some(value) = first {
        let is_bias = |name: &str| name.starts_with("encoder.") && name.ends_with(".bias");
        let bias = tensors.iter_mut().find(|(name, _)| is_bias(name));
        let (_, (_, data)) = bias.unwrap();
        data[..4].copy_from_slice(&value.to_le_bytes());
    }
    let views = tensors.iter().map(|(name, (shape, data))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).unwrap();
        (format!("{front}{name}"), view)
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// What each door says of a file: `import`, `--model` and `--init`.
fn doors(folder: &Path, model: &Path, file: &Path) -> Vec<Vec<String>> {
    let config = micro_config(folder, 1, 1e-3);
    let taken = folder.join("taken");
    let place = folder.join("as-model");
    fs::create_dir_all(&place).unwrap();
    fs::copy(model.join("config.json"), place.join("config.json")).unwrap();
    fs::copy(file, place.join("model.safetensors")).unwrap();
    let own = arg(&model.join("config.json")).to_owned();
    let import = ["import", arg(file), "--config", &own, "-o", arg(&taken)];
    let evaluate = [
        "evaluate",
        "--scenes",
        "--size",
        "16",
        "--model",
        arg(&place),
    ];
    let run = folder.join("started");
    let _ = fs::remove_dir_all(&run);
    let train = [
        "train",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
        "--init",
        arg(file),
    ];
    let cpu = ["--device", "cpu"];
    let text = |arguments: &[&str]| arguments.iter().map(|a| (*a).to_owned()).collect();
    vec![
        text(&import),
        text(&[&evaluate[..], &cpu].concat()),
        text(&[&train[..], &cpu].concat()),
    ]
}

fn strs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn what_stands_in_front_of_names_is_taken_off_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let model = export(folder.path());
    let file = folder.path().join("theirs.safetensors");
    for front in ["module.", "_orig_mod.", "vae.", "model.first_stage_model."] {
        write(&file, &model, front, None);
        for door in doors(folder.path(), &model, &file) {
            succeed(&strs(&door));
        }
    }
}

#[test]
fn what_is_no_model_is_refused_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let model = export(folder.path());
    let file = folder.path().join("theirs.safetensors");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    let page = "<!DOCTYPE html><html><body>Not found</body></html>";
    for (content, said) in [
        (pointer, "git lfs pull"),
        (page, "a page of HTML"),
        ("", "empty"),
    ] {
        fs::write(&file, content).unwrap();
        for door in doors(folder.path(), &model, &file) {
            let error = fail(&strs(&door));
            assert!(error.contains(said), "{door:?}: {error}");
        }
    }
    write(&file, &model, "", Some(f32::NAN));
    for door in doors(folder.path(), &model, &file) {
        let error = fail(&strs(&door));
        let named = error.contains("1 numbers of encoder.");
        assert!(named && error.contains("not finite"), "{door:?}: {error}");
    }
}

#[test]
fn weights_in_pieces_are_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let model = export(folder.path());
    let tensors = read(&model.join("model.safetensors"));
    let pieces = folder.path().join("pieces");
    fs::create_dir(&pieces).unwrap();
    let mut map = serde_json::Map::new();
    for (number, half) in [(1, "encoder."), (2, "decoder.")] {
        let name = format!("diffusion_pytorch_model-0000{number}-of-00002.safetensors");
        let views = tensors
            .iter()
            .filter(|(name, _)| name.starts_with(half) || number == 1);
        let views = views.filter(|(name, _)| number == 2 || !name.starts_with("decoder."));
        let views: Vec<_> = views
            .map(|(name, (shape, data))| {
                (
                    name,
                    TensorView::new(Dtype::F32, shape.clone(), data).unwrap(),
                )
            })
            .collect();
        for (tensor, _) in &views {
            map.insert((*tensor).clone(), name.clone().into());
        }
        fs::write(
            pieces.join(&name),
            safetensors::serialize(views, None).unwrap(),
        )
        .unwrap();
    }
    let index = pieces.join("diffusion_pytorch_model.safetensors.index.json");
    let text = serde_json::json!({"metadata": {}, "weight_map": map}).to_string();
    fs::write(&index, text).unwrap();
    fs::copy(model.join("config.json"), pieces.join("config.json")).unwrap();
    let evaluate = [
        "evaluate", "--scenes", "--size", "16", "--device", "cpu", "--model",
    ];
    succeed(&[&evaluate[..], &[arg(&pieces)]].concat());
    let piece = "diffusion_pytorch_model-00002-of-00002.safetensors";
    fs::remove_file(pieces.join(piece)).unwrap();
    let said = fail(&[&evaluate[..], &[arg(&pieces)]].concat());
    assert!(
        said.contains(&format!("the piece {piece} cannot be read")),
        "{said}"
    );
}

/// A run with a best and two checkpoints.
fn run(folder: &Path) -> PathBuf {
    let config = micro_config(folder, 4, 1e-3);
    common::amend(&config, |text| text.replace("every = 100", "every = 2"));
    let run = folder.join("run");
    let train = [
        "train",
        "--device",
        "cpu",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
    ];
    succeed(&train);
    run
}

#[test]
fn a_run_and_its_checkpoints_are_models() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    fs::remove_dir_all(run.join("export")).unwrap();
    let evaluate = [
        "evaluate", "--scenes", "--size", "16", "--device", "cpu", "--model",
    ];
    let models = [
        run.clone(),
        run.join("checkpoint.safetensors"),
        run.join("best.safetensors"),
    ];
    for model in models {
        succeed(&[&evaluate[..], &[arg(&model)]].concat());
    }
    let told = String::from_utf8(succeed(&["export", arg(&run)]).stdout).unwrap();
    assert!(told.contains("after step 4 of 4"), "{told}");
    let card = fs::read_to_string(run.join("export/README.md")).unwrap();
    assert!(card.contains("| Steps | 4 of 4 |"), "{card}");
}

#[test]
fn a_damaged_checkpoint_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let newest = run.join("checkpoint.safetensors");
    let bytes = fs::read(&newest).unwrap();
    fs::write(&newest, &bytes[..bytes.len() - 9]).unwrap();
    let output = succeed(&["train", "--resume", "--out", arg(&run), "--device", "cpu"]);
    let said = stderr(&output);
    assert!(
        said.contains("is not a checkpoint") && said.contains("going on from"),
        "{said}"
    );
    assert!(run.join("checkpoint.damaged").is_file());
}
