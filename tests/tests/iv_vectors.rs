//! IV-VAE against the output of the reference implementation, through the public surface.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, assert_close, check_shapes, check_streaming};
use vae::{Autoencoder, ModelConfig, WeightFormat};

const LATENT: f32 = 1e-4;
/// Norms over four channels amplify rounding.
const SAMPLE: f32 = 1e-3;

const SCALE: f64 = 0.9697;
const TINY: &str = r#"{"_class_name": "IV_VAE", "dim": 4, "z_dim": 8, "scale_factor": 0.9697,
    "shift_factor": -0.1553}"#;

fn tiny() -> Autoencoder {
    let config = ModelConfig::from_json(TINY).unwrap();
    let weights = Vectors::open("ivvae/tiny_weights");
    Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap()
}

fn clip(name: &str) -> Tensor<5> {
    Vectors::open(&format!("ivvae/tiny_{name}")).tensor("x")
}

#[test]
fn clips_and_pictures() {
    let model = tiny();
    for name in ["T1", "T5", "T17"] {
        let v = Vectors::open(&format!("ivvae/tiny_{name}"));
        let posterior = model.encode(v.tensor("x")).posterior;
        v.check("latent_mode_scaled", posterior.mode(), LATENT);
        let sampled = posterior.sample(v.tensor("eps"));
        v.check("latent_sampled_scaled", sampled, LATENT);
        // The posterior is that of the scaled latent.
        v.check("mu", posterior.mean / SCALE - 0.1553, LATENT);
        v.check("logvar", posterior.logvar - 2.0 * SCALE.ln(), LATENT);
        let sample = model.decode(v.tensor("latent_mode_scaled")).sample;
        v.check("recon_from_mode", sample, SAMPLE);
    }
}

/// Within float noise, which is larger here: the reference's own f32 and f64 are 6e-5 apart.
#[test]
fn streaming_equals_the_whole() {
    check_streaming(&tiny(), &clip("T17"), 6e-5);
}

#[test]
fn a_remainder_of_frames_is_left_out() {
    let model = tiny();
    let mean = |frames| {
        model
            .encode(clip("T17").narrow(2, 0, frames))
            .posterior
            .mean
    };
    assert_close("16 frames", mean(16), mean(13), 0.0);
}

#[test]
fn the_published_sizes() {
    for (channels, dim, parameters) in [
        (4, 64, 107_170_842),
        (8, 64, 107_379_150),
        (16, 64, 107_798_550),
        (16, 96, 241_854_742),
    ] {
        let text = format!(r#"{{"_class_name": "IV_VAE", "z_dim": {channels}, "dim": {dim}}}"#);
        let config = ModelConfig::from_json(&text).unwrap();
        let model = Autoencoder::new(&config, &Device::flex());
        assert_eq!(model.num_params(), parameters);
        check_shapes(&model, &format!("ivvae/keys_z{channels}_dim{dim}.tsv"));
    }
}

#[test]
fn what_is_written_loads_again() {
    let theirs = Vectors::open("ivvae/tiny_weights");
    theirs.check_file(&tiny().to_safetensors(WeightFormat::F32, &[]).unwrap());
}

#[test]
fn configs_survive_writing_and_say_what_is_wrong() {
    let config = ModelConfig::from_json(TINY).unwrap();
    assert_eq!(ModelConfig::from_json(&config.to_json()).unwrap(), config);
    let published = ModelConfig::from_json(r#"{"_class_name": "IV_VAE", "z_dim": 4}"#).unwrap();
    assert!(published.to_json().contains("\"scale_factor\": 1.3196"));
    let error = |fields: &str| {
        let text = format!(r#"{{"_class_name": "IV_VAE", {fields}}}"#);
        ModelConfig::from_json(&text).unwrap_err().to_string()
    };
    assert!(error(r#""z_dim": 7"#).contains("two halves"));
    assert!(error(r#""scale_factor": 0.0"#).contains("not 0"));
    assert!(error(r#""temperal_downsample": [true, true, false]"#).contains("second and third"));
    assert!(error(r#""dim": 5000"#).contains("must be 1 to 4096"));
}
