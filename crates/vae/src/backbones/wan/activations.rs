//! Every layer whose output the reference recorded, one after another in the whole model. It runs
//! in chunks; its outputs are joined in time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::slice::from_ref;

use burn::tensor::{Device, Tensor};

use super::Wan;
use super::layer::{Middle, run};
use crate::backbones::Backbone;
use crate::pass::{Pass, TemporalRule};
use crate::recorded::Recorded;
use crate::test_vectors::Vectors;
use crate::{Autoencoder, ModelConfig};

const TOLERANCE: f32 = 1e-4;
const TINY: &str = r#"{"_class_name": "WanVAE", "dim": 6, "z_dim": 16}"#;
const CLIPS: [&str; 2] = ["T1", "T5"];

fn tiny() -> Wan {
    let weights = Vectors::open("wan/tiny_weights");
    let config = ModelConfig::from_json(TINY).unwrap();
    let model = Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap();
    match model.backbone {
        Backbone::Wan(wan) => wan,
        _ => unreachable!("the class is WanVAE"),
    }
}

fn check_middle(
    middle: &Middle,
    x: Tensor<5>,
    pass: &mut Pass,
    mut check: impl FnMut(&str, &Tensor<5>),
) -> Tensor<5> {
    let h = middle.at_0.forward(x, pass);
    check("middle.0", &h);
    let h = middle.at_1.forward(h);
    check("middle.1", &h);
    let h = middle.at_2.forward(h, pass);
    check("middle.2", &h);
    h
}

#[test]
fn layers_of_the_encoder() {
    let encoder = tiny().encoder;
    for clip in CLIPS {
        let x = Vectors::open(&format!("wan/tiny_{clip}")).tensor("x");
        let mut recorded = Recorded::open("wan/activations", &format!("{clip}.act.encoder."));
        let mut check = |layer: &str, found: &Tensor<5>| recorded.check(layer, found, TOLERANCE);
        let pass = &mut Pass::whole(TemporalRule::Causal);
        let mut h = encoder.conv1.forward_causal(x, pass);
        check("conv1", &h);
        for (i, layer) in encoder.downsamples.iter().enumerate() {
            h = run(from_ref(layer), h, pass);
            check(&format!("downsamples.{i}"), &h);
        }
        let h = check_middle(&encoder.middle, h, pass, &mut check);
        check("head.2", &encoder.head.forward(h, pass));
        recorded.finish();
    }
}

#[test]
fn layers_of_the_decoder() {
    let Wan { conv2, decoder, .. } = tiny();
    for clip in CLIPS {
        let latent = Vectors::open(&format!("wan/tiny_{clip}")).tensor("mu_raw");
        let mut first = Recorded::open("wan/activations", &format!("{clip}.act.conv2"));
        let mut recorded = Recorded::open("wan/activations", &format!("{clip}.act.decoder."));
        let mut check = |layer: &str, found: &Tensor<5>| recorded.check(layer, found, TOLERANCE);
        let pass = &mut Pass::whole(TemporalRule::Causal);
        let h = conv2.forward_causal(latent, pass);
        first.check("", &h, TOLERANCE);
        first.finish();
        let h = decoder.conv1.forward_causal(h, pass);
        check("conv1", &h);
        let mut h = check_middle(&decoder.middle, h, pass, &mut check);
        for (i, layer) in decoder.upsamples.iter().enumerate() {
            h = run(from_ref(layer), h, pass);
            check(&format!("upsamples.{i}"), &h);
        }
        check("head.2", &decoder.head.forward(h, pass));
        recorded.finish();
    }
}
