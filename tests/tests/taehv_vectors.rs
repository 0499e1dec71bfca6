//! TAEHV against the output of the reference implementation, through the public surface.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, check_shapes, check_streaming, formula_model, streamed};
use vae::{Autoencoder, ModelConfig, WeightFormat};

const LATENT: f32 = 1e-5;
const SAMPLE: f32 = 2e-5;
/// Of latents up to 5 either way.
const FAR: f32 = 5e-5;

const F_W21: &str = r#""patch_size": 1"#;
const F_W22_SUPER: &str = r#""latent_channels": 48, "patch_size": 2, "decoder": "super",
    "decoder_widths": [512, 256, 128, 64]"#;
const F_LTX_WIDE: &str = r#""latent_channels": 128, "patch_size": 4, "decoder": "wide",
    "decoder_widths": [1024, 512, 256, 64], "encoder_time_downscale": [true, true, true],
    "decoder_time_upscale": [true, true, true]"#;
const N_W21: &str =
    r#""latent_channels": 5, "encoder_width": 6, "decoder_widths": [20, 14, 10, 8]"#;
const N_W22: &str = r#""latent_channels": 7, "encoder_width": 6, "decoder_widths": [20, 14, 10, 8],
    "patch_size": 2"#;
const N_LTX: &str = r#""latent_channels": 9, "encoder_width": 6, "decoder_widths": [20, 14, 10, 8],
    "patch_size": 4, "encoder_time_downscale": [true, true, true],
    "decoder_time_upscale": [true, true, true]"#;
const N_SUPER: &str = r#""latent_channels": 7, "encoder_width": 6, "decoder_widths": [16, 12, 10, 8],
    "patch_size": 2, "decoder": "super""#;

fn config(fields: &str) -> ModelConfig {
    ModelConfig::from_json(&format!(r#"{{"_class_name": "TAEHV", {fields}}}"#)).unwrap()
}

/// The model with these settings and the weights of a file's formula.
fn model(fields: &str, vectors: &Vectors) -> Autoencoder {
    formula_model(&config(fields), vectors.seed())
}

/// The reference has time in front of the channels.
fn frames_second(x: Tensor<5>) -> Tensor<5> {
    x.swap_dims(1, 2)
}

/// A clip of the reference in our range of values.
fn clip(vectors: &Vectors) -> Tensor<5> {
    frames_second(vectors.tensor("video")) * 2.0 - 1.0
}

/// A decoded clip as the reference has it before it clamps.
fn raw(sample: Tensor<5>) -> Tensor<5> {
    frames_second((sample + 1.0) / 2.0)
}

fn check(name: &str, fields: &str) {
    let vectors = Vectors::open(&format!("taehv/{name}"));
    let model = model(fields, &vectors);
    let frames = vectors.tensor::<5>("video").dims()[1];
    let latent = frames_second(vectors.tensor("latent"));
    assert_eq!(
        model.config().latent_frames(frames),
        latent.dims()[2],
        "{name}"
    );
    let posterior = model.encode(clip(&vectors)).posterior;
    vectors.check("latent", frames_second(posterior.mode()), LATENT);
    vectors.check("sample_raw", raw(model.decode(latent).sample), SAMPLE);
    if vectors.names().iter().any(|name| name == "latent2") {
        let latent = frames_second(vectors.tensor("latent2"));
        vectors.check("sample2_raw", raw(model.decode(latent).sample), FAR);
    }
}

#[test]
fn narrow_models() {
    check("n_w21_T5_24x40_taps", N_W21);
    check("n_w21_T8_32x32", N_W21);
    check("n_w21_T9_N2_16x24", N_W21);
    check("n_w22_T5_48x32", N_W22);
    check("n_ltx_T9_32x64", N_LTX);
    check("n_super_T5_32x48", N_SUPER);
}

#[test]
fn published_widths() {
    check("f_w21_T5_24x40", F_W21);
    check("f_w21_T8_32x32", F_W21);
    check("f_w22super_T4_32x32", F_W22_SUPER);
    check("f_ltxwide_T9_32x32", F_LTX_WIDE);
}

/// The two models that cut clips otherwise, one of them in three ways.
#[test]
fn other_clip_rules() {
    let cvx = format!(r#"{N_W21}, "clip_rule": "cogvideox""#);
    check("n_cvx_T8_16x16", &cvx);
    check("n_cvx_T9_16x16", &cvx);
    let h3 = format!(r#"{N_W22}, "clip_rule": "h3""#);
    check("n_h3_T22_16x32", &h3);
    let rule = config(&h3).frame_rule();
    assert_eq!(
        [1, 5, 6, 22, 23].map(|t| rule.padded(t)),
        [5, 5, 22, 22, 39]
    );
    let rule = config(&cvx).frame_rule();
    assert_eq!([1, 5, 9, 10].map(|t| rule.padded(t)), [1, 9, 9, 17]);
}

#[test]
fn previews_keep_the_last_frame_of_each_group() {
    let vectors = Vectors::open("taehv/n_preview");
    let latent = frames_second(vectors.tensor("latent"));
    let flags = |text: &str| {
        let flags = text
            .chars()
            .map(|c| if c == '1' { "true" } else { "false" });
        flags.collect::<Vec<_>>().join(", ")
    };
    for (case, time, space) in [
        ("full", "011", "111"),
        ("t000", "000", "111"),
        ("t001", "001", "111"),
        ("t010", "010", "111"),
        ("t000_s000", "000", "000"),
        ("t011_s001", "011", "001"),
        ("t011_s100", "011", "100"),
    ] {
        let (time, space) = (flags(time), flags(space));
        let fields = format!(
            r#"{N_W21}, "decoder_time_upscale": [{time}], "decoder_space_upscale": [{space}]"#
        );
        let model = model(&fields, &vectors);
        let sample = model.decode(latent.clone()).sample;
        vectors.check(&format!("{case}.sample_raw"), raw(sample), SAMPLE);
    }
}

/// Whatever the chunks: clips of 1 to 9 frames, and the reference's own stream.
#[test]
fn streaming_equals_the_whole() {
    let vectors = Vectors::open("taehv/n_w21_T9_N2_16x24");
    check_streaming(&model(N_W21, &vectors), &clip(&vectors), 1e-5);
    let vectors = Vectors::open("taehv/n_ltx_T9_32x64");
    check_streaming(&model(N_LTX, &vectors), &clip(&vectors), 1e-5);
    let vectors = Vectors::open("taehv/n_w21_T8_32x32");
    let (latents, frames) = streamed(&model(N_W21, &vectors), clip(&vectors), 1);
    vectors.check("latent", frames_second(latents), LATENT);
    vectors.check("sample_raw", raw(frames), SAMPLE);
}

/// A latent has no spread, so sampling it gives it back.
#[test]
fn latents_are_deterministic() {
    let vectors = Vectors::open("taehv/n_w21_T8_32x32");
    let posterior = model(N_W21, &vectors).encode(clip(&vectors)).posterior;
    let noise = posterior.mean.ones_like();
    vectors.check("latent", frames_second(posterior.sample(noise)), LATENT);
}

#[test]
fn the_published_sizes() {
    for (fields, parameters, list) in [
        (F_W21, 11_315_539, "f_w21"),
        (F_W22_SUPER, 20_487_996, "f_w22super"),
        (F_LTX_WIDE, 30_173_104, "f_ltxwide"),
        (N_W22, 97_229, "n_w22"),
        (N_LTX, 102_707, "n_ltx"),
    ] {
        let model = Autoencoder::new(&config(fields), &Device::flex());
        assert_eq!(model.num_params(), parameters, "{list}");
        check_shapes(&model, &format!("taehv/keys_{list}.tsv"));
    }
}

/// Multiply-adds of a latent in the middle of a clip, as the reference counts them but for the grows,
/// which it runs at twice the height and width: 1, 2 and 4 quarters of 1.409 G less here.
#[test]
fn costs_are_the_references() {
    let per_latent = |fields: &str, long: usize, short: usize| {
        let model = Autoencoder::new(&config(fields), &Device::flex());
        let [long, short] = [long, short].map(|frames| model.cost(frames, 256, 256));
        [long.encode - short.encode, long.decode - short.decode].map(|n| n as f64 / 1e9)
    };
    let near = |[encode, decode]: [f64; 2], expected: [f64; 2]| {
        assert!((encode - expected[0]).abs() < 1e-3, "{encode}");
        assert!((decode - expected[1]).abs() < 1e-3, "{decode}");
    };
    let quarters = |grow: [f64; 3]| grow.iter().sum::<f64>() * 0.75;
    let [a, b, c] = [268.435_456, 536.870_912, 1_073.741_824].map(|mega| mega / 1e3);
    near(
        per_latent(F_W21, 9, 5),
        [19.844, 44.648 - quarters([a, b, c])],
    );
    near(per_latent(F_W22_SUPER, 9, 5), [5.306, 15.848]);
}

#[test]
fn what_is_written_loads_again_and_is_recognised() {
    let theirs = Vectors::open("taehv/n_w21.weights");
    let ours = formula_model(&config(N_W21), 7);
    theirs.check_file(&ours.to_safetensors(WeightFormat::F32, &[]).unwrap());
    assert_eq!(
        ModelConfig::of_weights(theirs.bytes()).unwrap(),
        config(N_W21)
    );
    for fields in [F_W21, F_W22_SUPER, F_LTX_WIDE, N_W22, N_LTX, N_SUPER] {
        let file = e2e::vectors::formula_file(&config(fields), 1, safetensors::Dtype::F16);
        assert_eq!(ModelConfig::of_weights(&file).unwrap(), config(fields));
    }
}

#[test]
fn configs_say_what_is_wrong() {
    let error = |fields: &str| {
        let text = format!(r#"{{"_class_name": "TAEHV", {fields}}}"#);
        ModelConfig::from_json(&text).unwrap_err().to_string()
    };
    assert!(error(r#""patch_size": 8"#).contains("patch_size is above 4"));
    let grows = r#""decoder_time_upscale": [true, true, true]"#;
    assert!(error(grows).contains("grows frames in a stage"));
    let space = r#""decoder": "super", "decoder_space_upscale": [true, false, true]"#;
    assert!(error(space).contains("always doubles"));
    let other = r#""clip_rule": "h3", "decoder_time_upscale": [false, false, false]"#;
    assert!(error(other).contains("plain clip_rule"));
}
