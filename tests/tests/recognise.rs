//! Weight files that come without a config, or with another backbone's.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::Device;
use e2e::vectors::Vectors;
use safetensors::SafeTensors;
use vae::{Autoencoder, ModelConfig, WeightFormat};

const CONFIGS: [(&str, &str); 7] = [
    (
        "LeanVAE",
        r#"{"_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24,
            "sep_num_layer": 1, "fusion_num_layer": 3, "ista_iter_num": 2, "ista_layer_num": 1}"#,
    ),
    (
        "IV-VAE",
        r#"{"_class_name": "IV_VAE", "z_dim": 8, "dim": 4, "dim_mult": [1, 2, 2, 4],
            "num_res_blocks": 1}"#,
    ),
    (
        "the Wan 2.1 VAE",
        r#"{"_class_name": "WanVAE", "z_dim": 16, "dim": 4, "num_res_blocks": 1}"#,
    ),
    (
        "the Wan 2.1 VAE",
        r#"{"_class_name": "AutoencoderKLWan", "z_dim": 16, "base_dim": 4,
            "temperal_downsample": [true, true, false]}"#,
    ),
    (
        "the Wan 2.1 VAE",
        r#"{"_class_name": "Wan2_1_VAE_MultiWavelet", "z_channels": 8, "dim": 4,
            "dim_mult": [1, 2, 2, 4], "constants": "reference"}"#,
    ),
    (
        "WF-VAE or LC-VAE",
        r#"{"_class_name": "WFVAEModel", "latent_dim": 4, "base_channels": 8,
            "encoder_energy_flow_hidden_size": 4, "decoder_energy_flow_hidden_size": 6,
            "connect_res_layer_num": 2, "norm_type": "layernorm", "t_interpolation": "trilinear",
            "l1_dowmsample_block": "Spatial2xTime2x3DDownsample",
            "l1_downsample_wavelet": "HaarWaveletTransform3D",
            "l1_upsample_block": "Spatial2xTime2x3DUpsample",
            "l1_upsample_wavelet": "InverseHaarWaveletTransform3D"}"#,
    ),
    (
        "WF-VAE or LC-VAE",
        r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": 4,
            "base_channels": 32, "use_attention": false, "encoder_num_resblocks": 1,
            "t_interpolation": "trilinear", "norm_type": "groupnorm", "constants": "reference"}"#,
    ),
];

fn config(text: &str) -> ModelConfig {
    ModelConfig::from_json(text).unwrap()
}

/// A file as the references write it: our own carry their config.
fn file(text: &str) -> Vec<u8> {
    let model = Autoencoder::new(&config(text), &Device::flex());
    let bytes = model.to_safetensors(WeightFormat::F16, &[]).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    safetensors::serialize(file.iter(), None).unwrap()
}

#[test]
fn shapes_give_the_config_back() {
    for (_, text) in CONFIGS {
        let bytes = file(text);
        let found = ModelConfig::of_weights(&bytes).unwrap();
        assert_eq!(found, config(text));
        Autoencoder::load(&found, &bytes, &Device::flex()).unwrap();
    }
}

#[test]
fn files_of_the_references_are_recognised() {
    let iv = r#"{"_class_name": "IV_VAE", "z_dim": 8, "dim": 4}"#;
    let wan = r#"{"_class_name": "WanVAE", "z_dim": 16, "dim": 6}"#;
    for (name, text) in [("ivvae", iv), ("wan", wan)] {
        let weights = Vectors::open(&format!("{name}/tiny_weights"));
        let found = ModelConfig::of_weights(weights.bytes()).unwrap();
        assert_eq!(found, config(text));
    }
}

#[test]
fn our_own_files_carry_their_config() {
    let text = r#"{"_class_name": "LeanVAE", "l_dim": 8, "h_dim": 24, "mask": "lowpass25"}"#;
    let model = Autoencoder::new(&config(text), &Device::flex());
    let bytes = model.to_safetensors(WeightFormat::F16, &[]).unwrap();
    assert_eq!(ModelConfig::of_weights(&bytes).unwrap(), config(text));
}

/// Under another backbone's config a file says what it is; under a config of its own backbone
/// that does not fit, what differs.
#[test]
fn a_file_of_another_backbone_says_so() {
    for (family, text) in CONFIGS {
        let bytes = file(text);
        for (other, wanted) in CONFIGS {
            let result = Autoencoder::load(&config(wanted), &bytes, &Device::flex());
            let Err(error) = result else {
                assert_eq!(text.len(), wanted.len());
                continue;
            };
            let said = error.to_string();
            if family == other {
                assert!(said.contains("do not fit the config"), "{said}");
            } else {
                let expected = format!("those of {family}, and the config is for {other}");
                assert!(said.contains(&expected), "{said}");
            }
        }
    }
}

#[test]
fn other_files_are_not_recognised() {
    let other = Vectors::open("wfvae/losses");
    let said = ModelConfig::of_weights(other.bytes())
        .unwrap_err()
        .to_string();
    assert!(said.contains("none of the supported models"), "{said}");
    assert!(ModelConfig::of_weights(b"nothing").is_err());
}
