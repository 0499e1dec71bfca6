//! Every layer whose output the reference recorded, one after another in the whole model. It runs
//! in chunks; its outputs are joined in time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::slice::from_ref;

use burn::tensor::{Device, Tensor};

use super::Iv;
use super::block::run;
use crate::backbones::Backbone;
use crate::pass::{Pass, TemporalRule};
use crate::recorded::Recorded;
use crate::test_vectors::Vectors;
use crate::{Autoencoder, ModelConfig};

const LATENT: f32 = 1e-4;
/// Norms over four channels amplify rounding.
const SAMPLE: f32 = 1e-3;
const TINY: &str = r#"{"_class_name": "IV_VAE", "dim": 4, "z_dim": 8, "scale_factor": 0.9697,
    "shift_factor": -0.1553}"#;

fn tiny() -> Iv {
    let weights = Vectors::open("ivvae/tiny_weights");
    let config = ModelConfig::from_json(TINY).unwrap();
    let model = Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap();
    match model.backbone {
        Backbone::Iv(iv) => iv,
        _ => unreachable!("the class is IV_VAE"),
    }
}

fn recorded(prefix: &str) -> Recorded {
    Recorded::open("ivvae/activations", &format!("T5.act.{prefix}"))
}

#[test]
fn layers_of_the_encoder() {
    let Iv { encoder, conv1, .. } = tiny();
    let (mut inner, mut last) = (recorded("encoder."), recorded("conv1"));
    let mut check = |layer: &str, found: &Tensor<5>| inner.check(layer, found, LATENT);
    let pass = &mut Pass::whole(TemporalRule::Causal);
    let x = Vectors::open("ivvae/tiny_T5").tensor("x");
    let mut h = encoder.conv1.forward(x, pass);
    check("conv1", &h);
    for (i, layer) in encoder.downsamples.iter().enumerate() {
        h = run(from_ref(layer), h, pass);
        check(&format!("downsamples.{i}"), &h);
    }
    let h = encoder.middle.forward(h);
    check("middle", &h);
    let h = encoder.head.forward(h);
    check("head", &h);
    last.check("", &conv1.forward(h, pass), LATENT);
    inner.finish();
    last.finish();
}

#[test]
fn layers_of_the_decoder() {
    let model = tiny();
    let decoder = &model.decoder;
    let (mut first, mut inner) = (recorded("conv2"), recorded("decoder."));
    let mut check = |layer: &str, found: &Tensor<5>| inner.check(layer, found, SAMPLE);
    let pass = &mut Pass::whole(TemporalRule::Causal);
    let latent = Vectors::open("ivvae/tiny_T5").tensor("latent_mode_scaled");
    let h = model
        .conv2
        .forward(latent / model.scale + model.shift, pass);
    first.check("", &h, LATENT);
    let h = decoder.conv1.forward(h);
    check("conv1", &h);
    let mut h = decoder.middle.forward(h);
    check("middle", &h);
    for (i, layer) in decoder.upsamples.iter().enumerate() {
        h = run(from_ref(layer), h, pass);
        check(&format!("upsamples.{i}"), &h);
    }
    check("head.2", &decoder.head.forward(h, pass));
    first.finish();
    inner.finish();
}
