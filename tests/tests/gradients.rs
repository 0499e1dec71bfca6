//! Gradients through whole models, against differences.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, formula_tensor, values};
use vae::{Autoencoder, ModelConfig};

/// Numbers whose sum depends on every frame that the model gives back for the clip.
fn measure(model: &Autoencoder, clip: Tensor<5>, pull: &Tensor<5>) -> Tensor<5> {
    let latent = model.encode(clip).posterior.mode();
    model.decode(latent).sample * pull.clone()
}

/// The steepest direction is as steep as the gradient is long.
fn check(name: &str, text: &str, step: f64) {
    let config = ModelConfig::from_json(text).unwrap();
    let weights = Vectors::open(&format!("{name}/tiny_weights"));
    let load = |device: &Device| Autoencoder::load(&config, weights.bytes(), device).unwrap();

    let shape = [1, 3, 9, 16, 16];
    let [clip, pull] = ["clip", "pull"].map(|key| formula_tensor(key, shape, 0.5));
    let device = Device::flex().autodiff();
    let leaf = Tensor::from_data(clip.to_data(), &device).require_grad();
    let pulled = Tensor::from_data(pull.to_data(), &device);
    let mut gradients = measure(&load(&device), leaf.clone(), &pulled)
        .sum()
        .backward();
    let gradient = leaf.grad_remove(&mut gradients).unwrap();

    let length = values(gradient.clone())
        .iter()
        .map(|g| f64::from(g * g))
        .sum::<f64>()
        .sqrt();
    let direction = gradient * (step / length);
    let model = load(&Device::flex());
    let sum = |x: Tensor<5>| values(x).into_iter().map(f64::from).sum::<f64>();
    let at = |clip| sum(measure(&model, clip, &pull));
    let rise = at(clip.clone() + direction.clone()) - at(clip - direction);
    let found = rise / (2.0 * step);
    assert!((found / length - 1.0).abs() < 0.02, "{found} for {length}");
}

#[test]
fn wan() {
    let text = r#"{"_class_name": "WanVAE", "dim": 6, "z_dim": 16}"#;
    check("wan", text, 4e-3);
}

/// A shorter step: norms over four channels bend quickly.
#[test]
fn iv() {
    let text = r#"{"_class_name": "IV_VAE", "dim": 4, "z_dim": 8}"#;
    check("ivvae", text, 5e-4);
}
