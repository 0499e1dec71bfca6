//! `import` of the references' files: nothing is filled in or left out silently.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{FAILURE, arg, export, fail, read, run, succeed};
use safetensors::tensor::{Dtype, TensorView};

#[test]
fn weights_of_a_parallel_run_without_haar_constants_are_imported() {
    let folder = tempfile::tempdir().unwrap();
    let own = export(folder.path());
    let tensors = read(&own.join("model.safetensors"));
    let renamed: Vec<(String, TensorView)> = tensors
        .iter()
        .filter(|(name, _)| !name.contains("wavelet_transform") && !name.contains("processor"))
        .map(|(name, (shape, data))| {
            let view = TensorView::new(Dtype::F32, shape.clone(), data).unwrap();
            (format!("module.{name}"), view)
        })
        .collect();
    assert!(renamed.len() < tensors.len());
    let (file, output) = (
        folder.path().join("theirs.safetensors"),
        folder.path().join("ours"),
    );
    fs::write(
        &file,
        safetensors::serialize(renamed.clone(), None).unwrap(),
    )
    .unwrap();
    let config = own.join("config.json");
    let arguments = [
        "import",
        arg(&file),
        "--config",
        arg(&config),
        "-o",
        arg(&output),
    ];
    let told = String::from_utf8(succeed(&arguments).stdout).unwrap();
    assert!(
        told.contains(&format!("{} names begin with module.", renamed.len())),
        "{told}"
    );
    assert!(told.contains("no Haar constants in it"), "{told}");
    assert_eq!(read(&output.join("model.safetensors")), tensors);

    let short = renamed[1..].to_vec();
    fs::write(&file, safetensors::serialize(short, None).unwrap()).unwrap();
    let said = fail(&arguments);
    assert!(said.contains("is missing"), "{said}");
    fs::write(&file, "nonsense").unwrap();
    assert!(fail(&arguments).contains("theirs.safetensors cannot be used"));
}

/// What LeanVAE's own training writes: the autoencoder behind a name, other networks beside it, and
/// no config.
#[test]
fn a_checkpoint_of_leanvae_is_imported_without_a_config() {
    let folder = tempfile::tempdir().unwrap();
    let weights = "../tests/fixtures/leanvae/tiny_weights.safetensors";
    let tensors = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(weights));
    let discriminator = (vec![2], vec![0; 8]);
    let mut theirs: BTreeMap<String, (Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| (format!("autoencoder.{name}"), tensor.clone()))
        .collect();
    theirs.insert("gan_loss.discriminator.main.0.bias".into(), discriminator);
    let (file, output) = (
        folder.path().join("theirs.safetensors"),
        folder.path().join("ours"),
    );
    write(&file, &theirs);
    let told = succeed(&["import", arg(&file), "-o", arg(&output)]).stdout;
    let told = String::from_utf8(told).unwrap();
    assert!(
        told.contains(&format!(
            "{} names begin with autoencoder.: taken off",
            tensors.len()
        )),
        "{told}"
    );
    assert!(told.contains("1 tensors of gan_loss.*: left out"), "{told}");
    assert_eq!(read(&output.join("model.safetensors")), tensors);
    let config = fs::read_to_string(output.join("config.json")).unwrap();
    assert!(config.contains("\"_class_name\": \"LeanVAE\""), "{config}");

    // Whatever does not fit is listed, however much it is.
    let gone = |name: &str| name.starts_with("autoencoder.decoder.");
    let missing = theirs.keys().filter(|name| gone(name)).count();
    assert!(missing > 20);
    theirs.retain(|name, _| !gone(name));
    write(&file, &theirs);
    let failed = run(&["import", arg(&file), "-o", arg(&output)]);
    assert_eq!(failed.status.code(), Some(FAILURE));
    let listed = String::from_utf8(failed.stdout).unwrap();
    let listed = listed.lines().filter(|line| line.ends_with(" is missing"));
    assert_eq!(listed.count(), missing);
}

fn write(path: &Path, tensors: &BTreeMap<String, (Vec<usize>, Vec<u8>)>) {
    let views = tensors.iter().map(|(name, (shape, data))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).unwrap();
        (name, view)
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}
