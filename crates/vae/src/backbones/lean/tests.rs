//! What the public surface does not show, against the reference's tensors.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::tensor::{Device, Tensor};

use super::Lean;
use super::patcher::Coefficients;
use crate::backbones::Backbone;
use crate::pass::{Pass, StreamState, TemporalRule};
use crate::test_vectors::Vectors;
use crate::{Autoencoder, ModelConfig};

pub(super) const LATENT: f32 = 1e-4;
pub(super) const SAMPLE: f32 = 3e-4;

const TINY: &str = r#"{"_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24}"#;

pub(super) fn tiny() -> Lean {
    let weights = Vectors::open("leanvae/tiny_weights");
    let config = ModelConfig::from_json(TINY).unwrap();
    let model = Autoencoder::load(&config, weights.bytes(), &Device::flex()).unwrap();
    match model.backbone {
        Backbone::Lean(lean) => lean,
        _ => unreachable!("the class is LeanVAE"),
    }
}

#[test]
fn coefficients_and_their_inverse() {
    const TOLERANCE: f32 = 2e-6;
    let v = Vectors::open("leanvae/patchers");
    for case in ["img", "odd_t"] {
        let pass = Pass::whole(TemporalRule::Causal);
        let coefficients = Coefficients::of(v.tensor(&format!("{case}.x")), &pass);
        v.check(
            &format!("{case}.image"),
            coefficients.image.clone().unwrap(),
            TOLERANCE,
        );
        if let Some(video) = coefficients.video.clone() {
            v.check(&format!("{case}.video"), video, TOLERANCE);
        }
        v.check(&format!("{case}.inv"), coefficients.into_clip(), TOLERANCE);
    }
    let random = Coefficients {
        image: Some(v.tensor("rand.image")),
        video: Some(v.tensor("rand.video")),
    };
    v.check("rand.inv", random.into_clip(), TOLERANCE);
    for (name, image, video) in [("image", true, false), ("video", false, true)] {
        let part = Coefficients {
            image: image.then(|| v.tensor("rand.image")),
            video: video.then(|| v.tensor("rand.video")),
        };
        v.check(
            &format!("rand.inv_{name}_only"),
            part.into_clip(),
            TOLERANCE,
        );
    }
}

/// A later chunk of a stream has no first frame.
#[test]
fn coefficients_of_a_later_chunk() {
    let v = Vectors::open("leanvae/patchers");
    let mut state = StreamState::default();
    Pass::chunk(TemporalRule::Causal, &mut state, 0).finish();
    let pass = Pass::chunk(TemporalRule::Causal, &mut state, 0);
    let coefficients = Coefficients::of(v.tensor("even_t.x"), &pass);
    assert!(coefficients.image.is_none());
    v.check("even_t.video", coefficients.video.clone().unwrap(), 2e-6);
    v.check("even_t.inv", coefficients.into_clip(), 2e-6);
}

/// A mirrored row and column make odd sides even; a single pair of frames is the transform's alone.
#[test]
fn coefficients_of_odd_sides() {
    let v = Vectors::open("leanvae/patchers");
    let x = mirrored(mirrored(v.tensor("oddHW.x"), 3), 4);
    let image = Coefficients::of(x.clone(), &Pass::whole(TemporalRule::Causal)).image;
    let taps = wavelet::Constants::Exact;
    let video = wavelet::haar3d_pairs(x.narrow(2, 1, 2), taps) / taps.three();
    v.check("oddHW.image", image.clone().unwrap(), 2e-6);
    v.check("oddHW.video", video.clone(), 2e-6);
    let video = Some(video);
    v.check("oddHW.inv", Coefficients { image, video }.into_clip(), 2e-6);
}

/// `x` with its last entry but one along `dim` once more at the end.
fn mirrored(x: Tensor<5>, dim: usize) -> Tensor<5> {
    let before_last = x.clone().narrow(dim, x.dims()[dim] - 2, 1);
    Tensor::cat(vec![x, before_last], dim)
}

/// Where only orthonormal taps are asked for, they are those of the wavelet crate.
#[test]
fn coefficients_without_the_rescaling() {
    let v = Vectors::open("leanvae/patchers");
    let x = v.tensor("norescale.x");
    let first = wavelet::haar2d(x.clone().narrow(2, 0, 1));
    let rest = wavelet::haar3d_pairs(x.narrow(2, 1, 4), wavelet::Constants::Exact);
    v.check("norescale.image", first.clone(), 2e-6);
    v.check("norescale.video", rest.clone(), 2e-6);
    let first = wavelet::inverse_haar2d(first);
    let rest = wavelet::inverse_haar3d(rest, wavelet::Constants::Exact);
    v.check("norescale.inv", Tensor::cat(vec![first, rest], 2), 2e-6);
}

#[test]
fn every_stage_is_the_references() {
    let model = tiny();
    for name in ["tiny_T1", "tiny_T5", "tiny_T17"] {
        let v = Vectors::open(&format!("leanvae/{name}"));
        let pass = &mut Pass::whole(TemporalRule::Causal);
        let coefficients = Coefficients::of(v.tensor("x"), pass);
        v.check("dwt_image", coefficients.image.unwrap(), 2e-6);
        if let Some(video) = coefficients.video {
            v.check("dwt_video", video, 4e-6);
        }

        let p = model.encoder.forward(v.tensor("x"), pass);
        v.check("p", p.clone(), LATENT);
        v.check("logvar_btHWd", model.std_layer.forward(p.clone()), LATENT);
        let z = model.latent_bottleneck.project(p);
        let recovered = model.latent_bottleneck.recover(z, pass);
        v.check("p_rec", recovered.clone(), LATENT);
        let decoded = model.decoder.coefficients(recovered, pass);
        v.check("dec_coef_image", decoded.image.clone().unwrap(), SAMPLE);
        if let Some(video) = decoded.video.clone() {
            v.check("dec_coef_video", video, SAMPLE);
        }
        v.check("recon", decoded.into_clip(), SAMPLE);
    }
}
