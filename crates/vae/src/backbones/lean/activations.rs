//! Every layer whose output the reference recorded, in the whole model; what its streams remember;
//! and the forward pass of its training.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use burn::tensor::Tensor;

use super::depthwise::Depthwise;
use super::patcher::{Coefficients, low_and_high};
use super::tests::{LATENT, SAMPLE, tiny};
use crate::backbones::describe::Network;
use crate::pass::{Pass, StreamState, TemporalRule};
use crate::posterior::Posterior;
use crate::recorded::Recorded;
use crate::test_vectors::Vectors;

const CLIPS: [&str; 3] = ["T1", "T5", "T17"];
/// Of these all layers are recorded, of the others some.
const WALKED: [&str; 2] = ["T1", "T5"];

fn clip(name: &str) -> Vectors {
    Vectors::open(&format!("leanvae/tiny_{name}"))
}

fn recorded(prefix: &str) -> Recorded {
    Recorded::open("leanvae/activations", prefix)
}

fn whole() -> Pass<'static> {
    Pass::whole(TemporalRule::Causal)
}

/// The reference keeps channels second in some places.
fn channels_last(x: Tensor<5>) -> Tensor<5> {
    x.permute([0, 2, 3, 4, 1])
}

#[test]
fn layers_of_the_encoder() {
    let encoder = tiny().encoder;
    for name in WALKED {
        let mut recorded = recorded(&format!("{name}.act.encoder."));
        let mut check = |layer: &str, found: &Tensor<5>| recorded.check(layer, found, LATENT);
        let pass = &mut whole();
        let coefficients = Coefficients::of(clip(name).tensor("x"), pass);
        let [low, high] = low_and_high(coefficients.image.clone().unwrap());
        check("image_low_proj", &encoder.image_low_proj.forward(low));
        check("image_high_proj", &encoder.image_high_proj.forward(high));
        if let Some(video) = coefficients.video.clone() {
            let [low, high] = low_and_high(video);
            check("video_low_proj", &encoder.video_low_proj.forward(low));
            check("video_high_proj", &encoder.video_high_proj.forward(high));
        }

        let [low, high] = encoder.tokens(coefficients);
        let stack = &encoder.low_layer;
        let convolved = stack.dconv_layer[0].forward(low.clone(), pass);
        check("low_layer.dconv_layer.0", &convolved);
        let fed = stack.ffd_layer[0].forward(low.clone() + convolved);
        check("low_layer.ffd_layer.0", &fed);
        let low = stack.residual(low, pass);
        check("low_layer", &low);
        let high = encoder.high_layer.residual(high, pass);
        check("high_layer", &high);
        let both = Tensor::cat(vec![low, high], 4);
        check("fusion_layer", &encoder.fusion_layer.residual(both, pass));
        recorded.finish();
    }
}

#[test]
fn layers_of_the_bottleneck() {
    let bottleneck = tiny().latent_bottleneck;
    for name in CLIPS {
        let v = clip(name);
        let latent = channels_last(v.tensor("z"));
        let mut tokens = bottleneck.first_guess(latent.clone());
        let mut first = recorded(&format!("{name}.p0"));
        first.check("", &tokens, LATENT);
        first.finish();
        if !WALKED.contains(&name) {
            continue;
        }
        let mut recorded = recorded(&format!("{name}.act.latent_bottleneck."));
        let mut check = |layer: &str, found: &Tensor<5>| recorded.check(layer, found, LATENT);
        let nafs = bottleneck.forward_l.iter().zip(&bottleneck.backward_l);
        for (step, (forward, backward)) in nafs.enumerate() {
            let r = bottleneck.corrected(step, tokens, latent.clone());
            let code = forward.plain(r.clone(), &mut whole());
            check(&format!("forward_l.{step}"), &code);
            let decoded = backward.plain(bottleneck.shrunk(step, code), &mut whole());
            check(&format!("backward_l.{step}"), &decoded);
            tokens = r + decoded;
        }
        v.check("p_rec", tokens, LATENT);
        recorded.finish();
    }
}

#[test]
fn layers_of_the_decoder() {
    let decoder = tiny().decoder;
    for name in WALKED {
        let mut recorded = recorded(&format!("{name}.act.decoder."));
        let mut check = |layer: &str, found: &Tensor<5>| recorded.check(layer, found, SAMPLE);
        let pass = &mut whole();
        let h = decoder
            .fusion_layer
            .residual(clip(name).tensor("p_rec"), pass);
        check("fusion_layer", &h);
        let [low, high] = [0..decoder.l_dim, decoder.l_dim..h.dims()[4]]
            .map(|channels| h.clone().slice_dim(4, channels));
        check("low_layer", &decoder.low_layer.residual(low, pass));
        check("high_layer", &decoder.high_layer.residual(high, pass));
        recorded.finish();
    }
}

/// The reference remembers frames channels second and with zeros around them, we without.
fn check_remembered(state: &StreamState, layer: &Depthwise, name: &str, tolerance: f32) {
    let frames = state.history[&layer.id()].clone().permute([0, 4, 1, 2, 3]);
    let mut expected = recorded(name);
    expected.check("", &frames.pad([(1, 1), (1, 1)], 0.0), tolerance);
    expected.finish();
}

#[test]
fn what_a_stream_remembers() {
    let model = tiny();
    for (name, frames) in [("T5", 5), ("T17", 17)] {
        let v = clip(name);
        let (mut encoder, mut decoder) = (StreamState::default(), StreamState::default());
        for latent in 0..=frames / 4 {
            let mut pass = Pass::chunk(TemporalRule::Causal, &mut encoder, 0);
            let (start, count) = if latent == 0 {
                (0, 1)
            } else {
                (4 * latent - 3, 4)
            };
            let chunk = v.tensor("x").narrow(2, start, count);
            model.encoder.forward(chunk, &mut pass);
            pass.finish();
            let mut pass = Pass::chunk(TemporalRule::Causal, &mut decoder, 0);
            model.decode(v.tensor("z").narrow(2, latent, 1), &mut pass);
            pass.finish();
        }
        let layer = &model.encoder.low_layer.dconv_layer[0];
        let of = |layer: &str| format!("{name}.tiled_cache.{layer}");
        let path = of("encoder.low_layer.dconv_layer.0");
        check_remembered(&encoder, layer, &path, LATENT);
        let layer = &model.decoder.fusion_layer.dconv_layer[3];
        let path = of("decoder.fusion_layer.dconv_layer.3");
        check_remembered(&decoder, layer, &path, SAMPLE);
    }
}

/// A step of training decodes a sample of the posterior.
#[test]
fn a_training_step_forwards() {
    let model = tiny();
    let v = Vectors::open("leanvae/trainfwd_T5");
    let mut recorded = recorded("trainfwd_T5.");
    let tokens = model.encoder.forward(v.tensor("x"), &mut whole());
    let logvar = model.std_layer.forward(tokens.clone());
    let mean = model.latent_bottleneck.project(tokens);
    recorded.check("mean_btHWd", &mean, LATENT);
    recorded.check("logvar_btHWd", &logvar, LATENT);
    check_divergences(&v, &mean, &logvar);

    let latent = Posterior::new(mean, logvar).sample(v.tensor("eps_btHWd"));
    let pass = &mut whole();
    let recovered = model.latent_bottleneck.recover(latent, pass);
    let coefficients = model.decoder.coefficients(recovered, pass);
    for (name, found) in [
        ("rec_coef_image", &coefficients.image),
        ("rec_coef_video", &coefficients.video),
    ] {
        recorded.check(name, found.as_ref().unwrap(), SAMPLE);
    }
    recorded.check("recon", &coefficients.into_clip(), SAMPLE);
    recorded.finish();
}

/// The divergence of every channel of every clip.
fn check_divergences(v: &Vectors, mean: &Tensor<5>, logvar: &Tensor<5>) {
    let (shape, expected) = v.raw("kl_per_b_d");
    let channels = mean.dims()[4];
    assert_eq!(shape, [mean.dims()[0], channels]);
    for channel in 0..channels {
        let [mean, logvar] = [mean, logvar].map(|x| x.clone().narrow(4, channel, 1));
        let found: Vec<f32> = Posterior::new(mean, logvar)
            .kl()
            .into_data()
            .try_into_vec()
            .unwrap();
        let expected = expected.iter().skip(channel).step_by(channels);
        for (found, expected) in found.iter().zip(expected) {
            let off = (found - expected).abs() / expected;
            assert!(off <= 1e-5, "channel {channel}: {found} for {expected}");
        }
    }
}
