//! Damaged weight files and configs are refused or read, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig, WeightFormat};

/// A model of a few kilobytes.
const SMALL: &str = r#"{"_class_name": "LeanVAE", "l_dim": 4, "h_dim": 8, "sep_num_layer": 1, "fusion_num_layer": 1}"#;

#[test]
fn damaged_weight_files() {
    let device = Device::flex();
    let config = ModelConfig::from_json(SMALL).unwrap();
    let file = Autoencoder::new(&config, &device)
        .to_safetensors(WeightFormat::F16, &[])
        .unwrap();
    fuzz::fuzz("weights", &[file], |bytes| {
        let _ = ModelConfig::of_weights(bytes);
        let _ = Autoencoder::load(&config, bytes, &device);
    });
}

#[test]
fn damaged_configs() {
    let seeds = [
        SMALL,
        r#"{"_class_name": "WFVAEModel", "base_channels": 32, "latent_dim": 8}"#,
        r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": 4, "mask": {"groups": [0, 1]}}"#,
        r#"{"_class_name": "WanVAE", "z_dim": 16, "dim_mult": [1, 2, 4, 4]}"#,
        r#"{"_class_name": "IV_VAE", "dim": 4, "z_dim": 8, "scale_factor": 0.9697}"#,
        r#"{"_class_name": "TAEHV"}"#,
    ];
    let seeds = seeds.map(|text| text.as_bytes().to_vec());
    fuzz::fuzz("configs", &seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(config) = ModelConfig::from_json(&text) {
            // What is written is read again as the same.
            let again = ModelConfig::from_json(&config.to_json()).unwrap();
            assert_eq!(again, config, "{text}");
        }
    });
}
