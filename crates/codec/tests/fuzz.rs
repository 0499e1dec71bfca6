//! Damaged latent files are refused or decoded, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use burn::tensor::Device;
use clips::Scene;
use codec::{Codec, latent_file, tensor_file};
use safetensors::SafeTensors;
use vae::{Autoencoder, ModelConfig};
use wavelet::MaskChoice;

const SMALL: &str = r#"{"_class_name": "LeanVAE", "l_dim": 4, "h_dim": 8, "sep_num_layer": 1, "fusion_num_layer": 1}"#;

#[test]
fn damaged_latent_files() {
    let config = ModelConfig::from_json(SMALL).unwrap();
    let device = Device::flex();
    let codec = Codec::new(Autoencoder::new(&config, &device), device);
    let clip = Scene::SlowPan.render(1, 32, 32, 33);
    let shots = codec.shots(&clip);
    let latent = codec.encode(&clip, &shots).unwrap();
    let mask = MaskChoice::Lowpass50.build(config.channels()).unwrap();
    let tensors = latent_file::tensors(&codec.model, latent, &shots, &mask).unwrap();
    let whole = tensor_file::serialise(tensors, None).unwrap();
    fuzz::fuzz("latents", &[whole], |bytes| {
        if let Ok(file) = SafeTensors::deserialize(bytes) {
            let _ = latent_file::latent(&codec, &file, &shots, clip.extent(), &mask);
        }
    });
}
