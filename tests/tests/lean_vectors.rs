//! LeanVAE against the output of the reference implementation, through the public surface.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use e2e::vectors::{Vectors, assert_close, check_shapes, check_streaming, streamed};
use vae::{Autoencoder, ModelConfig, WeightFormat};

const LATENT: f32 = 1e-4;
const SAMPLE: f32 = 3e-4;

const TINY: &str = r#"{"_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24}"#;

fn tiny() -> Autoencoder {
    let config = ModelConfig::from_json(TINY).unwrap();
    let weights = Vectors::open("leanvae/tiny_weights");
    Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap()
}

/// A clip in our range of values; the reference's pictures have no time axis.
fn clip(v: &Vectors, name: &str) -> Tensor<5> {
    let (mut shape, values) = v.raw(name);
    if shape.len() == 4 {
        shape.insert(2, 1);
    }
    Tensor::from_data(TensorData::new(values, shape), &Device::flex()) * 2.0
}

#[test]
fn clips_and_pictures() {
    let model = tiny();
    for name in ["T1", "T5", "T17"] {
        let v = Vectors::open(&format!("leanvae/tiny_{name}"));
        let posterior = model.encode(clip(&v, "x")).posterior;
        v.check("z", posterior.mode(), LATENT);
        let logvar = posterior.logvar.permute([0, 2, 3, 4, 1]);
        v.check("logvar_btHWd", logvar, LATENT);
        let sample = model.decode(v.tensor("z")).sample;
        // Our range of values is twice the reference's.
        assert_close(name, sample, clip(&v, "recon"), 2.0 * SAMPLE);
    }
}

/// Whatever the chunks, the latents and frames are those of the reference's own chunks.
#[test]
fn chunks_give_what_the_references_chunks_give() {
    let model = tiny();
    let v = Vectors::open("leanvae/tiny_T5");
    let (latents, sample) = streamed(&model, clip(&v, "x"), 1);
    v.check("tiled_enc5_z", latents, LATENT);
    assert_close(
        "tiled_dec2",
        sample,
        clip(&v, "tiled_dec2_recon"),
        2.0 * SAMPLE,
    );
    let v = Vectors::open("leanvae/tiny_T17");
    for (name, chunk) in [("tiled_enc5_z", 1), ("tiled_enc9_z", 2)] {
        v.check(name, streamed(&model, clip(&v, "x"), chunk).0, LATENT);
    }
}

/// 1 to 9 latent frames. These weights give values far beyond a clip's, where f32 itself is coarser,
/// so the tolerance is of the largest value.
#[test]
fn streaming_equals_the_whole() {
    let v = Vectors::open("leanvae/tiny_T17");
    let once = clip(&v, "x").narrow(3, 0, 16).narrow(4, 0, 16);
    let long = Tensor::cat(vec![once.clone(), once.flip([2]).narrow(2, 1, 16)], 2);
    check_streaming(&tiny(), &long, 1e-5);
}

/// Frames that do not fill a latent frame are ignored.
#[test]
fn a_remainder_of_frames_is_left_out() {
    let model = tiny();
    let v = Vectors::open("leanvae/tiny_T17");
    let mean = model.encode(clip(&v, "x").narrow(2, 0, 16)).posterior.mean;
    let short = model.encode(clip(&v, "x").narrow(2, 0, 13)).posterior.mean;
    assert_close("16 frames", mean, short, 0.0);
}

#[test]
fn the_published_sizes() {
    for (fields, parameters, list) in [
        (r#""latent_dim": 4"#, 39_767_496, "4ch"),
        (r#""latent_dim": 16"#, 39_785_940, "16ch"),
        // As the branch whose latents are those of Wan 2.1 trains it.
        (
            r#""latent_dim": 16, "ista_iter_num": 4"#,
            56_681_944,
            "align_wan2_1",
        ),
    ] {
        let text = format!(r#"{{"_class_name": "LeanVAE", {fields}}}"#);
        let config = ModelConfig::from_json(&text).unwrap();
        let model = Autoencoder::new(&config, &Device::flex());
        assert_eq!(model.num_params(), parameters);
        check_shapes(&model, &format!("leanvae/keys_{list}.tsv"));
    }
}

#[test]
fn what_is_written_loads_again() {
    let theirs = Vectors::open("leanvae/tiny_weights");
    theirs.check_file(&tiny().to_safetensors(WeightFormat::F32, &[]).unwrap());
}

#[test]
fn configs_survive_writing_and_say_what_is_wrong() {
    let config = ModelConfig::from_json(TINY).unwrap();
    assert_eq!(ModelConfig::from_json(&config.to_json()).unwrap(), config);
    let error = |fields: &str| {
        let text = format!(r#"{{"_class_name": "LeanVAE", {fields}}}"#);
        ModelConfig::from_json(&text).unwrap_err().to_string()
    };
    assert!(error(r#""embedding_dim": 500"#).contains("add up to 512"));
    assert!(error(r#""l_dim": 0"#).contains("l_dim is 0"));
    assert!(error(r#""latent_dim": 300000000"#).contains("latent_dim is 300000000"));
    assert!(error(r#""ista_iter_num": 65"#).contains("0 to 64"));
    let wide = r#"{"_class_name": "WFVAEModel", "base_channels": 5000}"#;
    let error = ModelConfig::from_json(wide).unwrap_err().to_string();
    assert!(error.contains("base_channels is 5000"), "{error}");
}
