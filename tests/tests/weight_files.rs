//! Weight files: what loads, what is refused, and that it says why.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use burn::tensor::Device;
use e2e::vectors::{Vectors, check_constants, check_shapes, fixture, formula_model};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use vae::{Autoencoder, ModelConfig, WeightFormat};

const A: &str = r#"{"_class_name": "WFVAEModel", "latent_dim": 4, "base_channels": 8,
    "encoder_energy_flow_hidden_size": 4, "decoder_energy_flow_hidden_size": 8,
    "norm_type": "layernorm", "t_interpolation": "trilinear"}"#;

fn config() -> ModelConfig {
    ModelConfig::from_json(A).unwrap()
}

/// A file as the reference writes it: f32, Haar constants included.
fn theirs() -> Vec<u8> {
    let model = formula_model(&config(), 11);
    model.to_safetensors(WeightFormat::F32, &[]).unwrap()
}

#[test]
fn what_is_written_is_what_the_reference_writes() {
    let bytes = theirs();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let line = |(name, view): (&str, TensorView<'_>)| format!("{name}\t{:?}", view.shape());
    let found: BTreeSet<String> = file.iter().map(line).collect();
    let expected = std::fs::read_to_string(fixture("wfvae/keys_v1_a_c4.tsv")).unwrap();
    assert_eq!(found, expected.lines().map(str::to_owned).collect());
    let model = Autoencoder::load(&config(), &bytes, &Device::flex()).unwrap();
    let again = model.to_safetensors(WeightFormat::F32, &[]).unwrap();
    Vectors::of(bytes).check_file(&again);
}

/// Also with as many notes that no two maps would order them alike.
#[test]
fn the_same_weights_are_the_same_file() {
    let model = formula_model(&config(), 11);
    let notes = ["a", "b", "steps", "x\"y", "é", "z"].map(|name| (name, format!("{name} = \"1\"")));
    let write = || model.to_safetensors(WeightFormat::F16, &notes).unwrap();
    let bytes = write();
    assert!(write() == bytes);
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let found = header.metadata().as_ref().unwrap();
    assert_eq!(found.len(), notes.len() + 2);
    for (name, text) in &notes {
        assert_eq!(found.get(*name), Some(text));
    }
    SafeTensors::deserialize(&bytes).unwrap();
}

#[test]
fn the_haar_constants_are_the_references() {
    let bytes = theirs();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let filters = Vectors::open("wfvae/ops_haar");
    let check = |name: &str, filter: &str| {
        let (shape, values) = filters.raw(filter);
        let view = file.tensor(name).unwrap();
        assert_eq!(view.shape(), shape, "{name}");
        let expected: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(view.data(), expected, "{name}");
    };
    let forward = "encoder.wavelet_transform";
    let inverse = "decoder.inverse_wavelet_transform";
    for filter in ["h", "g", "hh", "gh", "h_v", "g_v", "hh_v", "gh_v"] {
        let recorded = format!("filter3d.{filter}");
        check(
            &format!("{forward}_in.{filter}_conv.conv.weight"),
            &recorded,
        );
        check(&format!("{inverse}_out.{filter}"), &recorded);
    }
    for filter in ["aa", "ad", "da", "dd"] {
        let recorded = format!("filter2d.{filter}");
        check(&format!("{forward}_l1.{filter}"), &recorded);
        check(&format!("{inverse}_l1.{filter}"), &recorded);
    }
}

/// The published sizes of LC-VAE, and the one that its reference vectors are of.
#[test]
fn the_tensors_of_latent_compression_are_the_references() {
    let model = |channels: usize, width: usize| {
        let text = format!(
            r#"{{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": {channels},
                "base_channels": {width}, "norm_type": "layernorm",
                "t_interpolation": "trilinear"}}"#
        );
        let config = ModelConfig::from_json(&text).unwrap();
        Autoencoder::new(&config, &Device::flex())
    };
    let tiny = model(8, 32);
    check_shapes(&tiny, "lcvae/keys_c8_tiny.tsv");
    let written = tiny.to_safetensors(WeightFormat::F32, &[]).unwrap();
    check_constants(&written, "lcvae/keys_c8_tiny.tsv");
    for channels in [8, 16, 32] {
        let list = format!("lcvae/keys_c{channels}.tsv");
        check_shapes(&model(channels, 192), &list);
        check_constants(&written, &list);
    }
}

#[test]
fn a_file_without_haar_constants_loads() {
    let theirs = theirs();
    let file = SafeTensors::deserialize(&theirs).unwrap();
    let kept: Vec<_> = file
        .iter()
        .filter(|(name, _)| !name.contains("wavelet_transform"))
        .collect();
    let bytes = safetensors::serialize(kept, None).unwrap();
    assert!(Autoencoder::load(&config(), &bytes, &Device::flex()).is_ok());
}

#[test]
fn a_misfit_names_the_tensors() {
    let theirs = theirs();
    let load = |config: &ModelConfig, bytes: &[u8]| {
        Autoencoder::load(config, bytes, &Device::flex())
            .unwrap_err()
            .to_string()
    };
    let wider = ModelConfig::from_json(&A.replace("\"latent_dim\": 4", "\"latent_dim\": 8"));
    let message = load(&wider.unwrap(), &theirs);
    assert!(
        message.contains("decoder.conv_in.conv.weight is [32, 4, 3, 3, 3]"),
        "{message}"
    );

    let no_attention = A.replace("\"latent_dim\"", "\"use_attention\": false, \"latent_dim\"");
    let message = load(&ModelConfig::from_json(&no_attention).unwrap(), &theirs);
    assert!(
        message.contains("more") && message.contains("mid.1"),
        "{message}"
    );

    let exact = A.replace("\"latent_dim\"", "\"constants\": \"exact\", \"latent_dim\"");
    let message = load(&ModelConfig::from_json(&exact).unwrap(), &theirs);
    assert!(message.contains("Haar constant"), "{message}");

    let truncated = &&theirs[..&theirs.len() / 2];
    assert!(load(&config(), truncated).contains("damaged"));
}

#[test]
fn configs_survive_writing_and_say_what_is_wrong() {
    assert_eq!(
        ModelConfig::from_json(&config().to_json()).unwrap(),
        config()
    );
    let lc = r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "mask": {"groups": [0, 3]},
        "latent_dim": 8, "norm_type": "layernorm", "t_interpolation": "trilinear"}"#;
    let lc_config = ModelConfig::from_json(lc).unwrap();
    assert_eq!(
        ModelConfig::from_json(&lc_config.to_json()).unwrap(),
        lc_config
    );

    let error = |text: &str| ModelConfig::from_json(text).unwrap_err().to_string();
    assert!(error("{}").contains("WFVAEModel and WVAE_Compressed_TopK_multi_wavelet"));
    assert!(error("not json").contains("not readable"));
    assert!(error(&lc.replace("[0, 3]", "[32]")).contains("group 32"));
    assert!(
        error(&lc.replace("layernorm", "groupnorm").replace(
            "\"latent_dim\": 8",
            "\"latent_dim\": 8, \"base_channels\": 20"
        ))
        .contains("multiples of 32")
    );
    assert!(fixture("wfvae").is_dir());
}
