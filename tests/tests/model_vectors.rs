//! WF-VAE and LC-VAE against the output of the reference implementations.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, check_streaming, formula_file, formula_model, values};
use safetensors::tensor::Dtype;
use vae::{Autoencoder, ModelConfig, Posterior};
use wavelet::{compact, multi_wt};

const LATENT: f32 = 1e-5;
const SAMPLE: f32 = 5e-5;
/// Of LC-VAE, whose spec is stricter.
const LC_SAMPLE: f32 = 2e-5;
/// Of the weights of the vectors v1_a.
const V1_A_SEED: u64 = 11;

fn config(fields: &str) -> ModelConfig {
    let text = format!("{{\"_class_name\": \"WFVAEModel\", {fields}}}");
    ModelConfig::from_json(&text).unwrap()
}

fn v1_a() -> Autoencoder {
    let config = config(
        r#""latent_dim": 4, "base_channels": 8, "encoder_energy_flow_hidden_size": 4,
           "decoder_energy_flow_hidden_size": 8, "norm_type": "layernorm",
           "t_interpolation": "trilinear", "connect_res_layer_num": 1"#,
    );
    formula_model(&config, V1_A_SEED)
}

fn v1_c_888() -> Autoencoder {
    let config = config(
        r#""latent_dim": 8, "base_channels": 6, "encoder_energy_flow_hidden_size": 6,
           "decoder_energy_flow_hidden_size": 6, "norm_type": "layernorm",
           "t_interpolation": "trilinear",
           "l1_dowmsample_block": "Spatial2xTime2x3DDownsample",
           "l1_downsample_wavelet": "HaarWaveletTransform3D",
           "l1_upsample_block": "Spatial2xTime2x3DUpsample",
           "l1_upsample_wavelet": "InverseHaarWaveletTransform3D""#,
    );
    load(&config, 33, Dtype::BF16)
}

/// A model from a file of another number format, which the reference reads into f32.
fn load(config: &ModelConfig, seed: u64, dtype: Dtype) -> Autoencoder {
    let weights = formula_file(config, seed, dtype);
    Autoencoder::load(config, &weights, &Device::flex()).unwrap()
}

/// Encodes `<tag>input`, decodes the mean, and compares everything stored under the tag.
fn check(model: &Autoencoder, v: &Vectors, tag: &str) {
    let encoding = model.encode(v.tensor(&format!("{tag}input")));
    let mean = encoding.posterior.mode();
    v.check(&format!("{tag}posterior.mean"), mean.clone(), LATENT);
    v.check(
        &format!("{tag}posterior.logvar"),
        encoding.posterior.logvar,
        LATENT,
    );
    let decoding = model.decode(mean);
    v.check(&format!("{tag}sample"), decoding.sample, SAMPLE);
    let wl = format!("{tag}wl.enc_l1");
    if v.names().contains(&wl) {
        let (enc, dec) = (encoding.wavelets.unwrap(), decoding.wavelets.unwrap());
        v.check(&wl, enc.level1, LATENT);
        v.check(&format!("{tag}wl.enc_l2"), enc.level2, LATENT);
        v.check(&format!("{tag}wl.dec_l1"), dec.level1, SAMPLE);
        v.check(&format!("{tag}wl.dec_l2"), dec.level2, SAMPLE);
    }
}

#[test]
fn wf_vae_4x8x8() {
    let v = Vectors::open("wfvae/v1_a_c4.io");
    let model = v1_a();
    for tag in ["t1.", "t8.", "t9.", "t17."] {
        check(&model, &v, tag);
    }
}

#[test]
fn wf_vae_8x8x8_in_bf16() {
    let v = Vectors::open("wfvae/v1_c_888.io");
    let model = v1_c_888();
    for tag in ["t1.", "t9.", "t17."] {
        check(&model, &v, tag);
    }
}

#[test]
fn wf_vae_without_attention_in_f16() {
    let v = Vectors::open("wfvae/v1_d_noattn.io");
    let config = config(
        r#""latent_dim": 4, "base_channels": 4, "encoder_energy_flow_hidden_size": 4,
           "decoder_energy_flow_hidden_size": 4, "decoder_num_resblocks": 1,
           "norm_type": "layernorm", "t_interpolation": "trilinear",
           "connect_res_layer_num": 0, "use_attention": false"#,
    );
    let model = load(&config, 44, Dtype::F16);
    for tag in ["t1.", "t9.", "t17."] {
        check(&model, &v, tag);
    }
}

#[test]
fn wf_vae_with_group_norm() {
    let v = Vectors::open("wfvae/v1_e_groupnorm.io");
    let config = config(
        r#""latent_dim": 4, "base_channels": 32, "encoder_energy_flow_hidden_size": 32,
           "decoder_energy_flow_hidden_size": 32, "norm_type": "groupnorm",
           "t_interpolation": "trilinear""#,
    );
    let model = formula_model(&config, 55);
    for tag in ["t1.", "t9."] {
        check(&model, &v, tag);
    }
}

/// The published sizes, 147 million parameters each.
#[test]
fn wf_vae_small_as_published() {
    let sizes = [
        (
            "full_S4",
            107,
            r#""latent_dim": 4, "encoder_energy_flow_hidden_size": 128,"#,
        ),
        (
            "full_S8_osp13",
            113,
            r#""latent_dim": 8, "encoder_energy_flow_hidden_size": 64, "connect_res_layer_num": 2,"#,
        ),
    ];
    for (name, seed, fields) in sizes {
        let v = Vectors::open(&format!("wfvae/{name}.io"));
        let rest = r#""base_channels": 128, "decoder_energy_flow_hidden_size": 128,
                      "norm_type": "layernorm", "t_interpolation": "trilinear""#;
        check(
            &formula_model(&config(&format!("{fields}{rest}")), seed),
            &v,
            "",
        );
    }
}

fn lc_vae_c4() -> Autoencoder {
    let config = ModelConfig::from_json(
        r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": 4,
            "base_channels": 32, "encoder_energy_flow_hidden_size": 64,
            "decoder_energy_flow_hidden_size": 128, "norm_type": "layernorm",
            "t_interpolation": "trilinear", "mask": "paper50", "constants": "reference"}"#,
    );
    formula_model(&config.unwrap(), 201)
}

#[test]
fn lc_vae_with_the_papers_mask() {
    let v = Vectors::open("lcvae/lcvae_c4");
    let model = lc_vae_c4();
    let mask = model.config().mask().build(4).unwrap();
    for tag in ["t32", "t16"] {
        let posterior = model.encode(v.tensor(&format!("{tag}.input"))).posterior;
        v.check(
            &format!("{tag}.posterior.mean"),
            posterior.mean.clone(),
            LATENT,
        );
        v.check(
            &format!("{tag}.posterior.logvar"),
            posterior.logvar.clone(),
            LATENT,
        );
        let (_, kl) = v.raw(&format!("{tag}.posterior.kl"));
        let found = values(posterior.kl())[0];
        assert!(
            (found - kl[0]).abs() <= 1e-5 * kl[0],
            "{tag} kl {found} for {}",
            kl[0]
        );

        let mean = posterior.mode();
        let raw = model.decode(mean.clone()).sample;
        v.check(&format!("{tag}.raw_mean_path.sample"), raw, LC_SAMPLE);
        let coefficients = multi_wt(mean.clone(), model.config().constants());
        let kept = compact(coefficients, &mask).unwrap();
        v.check(&format!("{tag}.mean_path.compact"), kept, LATENT);
        let restored = model.restore(mean, &mask).unwrap();
        v.check(
            &format!("{tag}.mean_path.restored"),
            restored.clone(),
            LATENT,
        );
        let sample = model.decode(restored).sample;
        v.check(&format!("{tag}.mean_path.sample"), sample, LC_SAMPLE);
    }
}

#[test]
fn lc_vae_compresses_the_sample_not_the_mean() {
    let v = Vectors::open("lcvae/lcvae_c4");
    let model = lc_vae_c4();
    let mask = model.config().mask().build(4).unwrap();
    let posterior = model.encode(v.tensor("t32.input")).posterior;
    let z = posterior.sample(v.tensor("t32.eps"));
    v.check("t32.z", z.clone(), LATENT);
    let coefficients = multi_wt(z.clone(), model.config().constants());
    let kept = compact(coefficients, &mask).unwrap();
    v.check("t32.compact", kept, LATENT);
    let restored = model.restore(z, &mask).unwrap();
    v.check("t32.restored", restored.clone(), LATENT);
    v.check("t32.sample", model.decode(restored).sample, LC_SAMPLE);
}

/// Moments beyond the bounds of the log-variance, and mild ones.
#[test]
fn posteriors() {
    let v = Vectors::open("wfvae/ops_posterior");
    let close = |name: &str, found: Vec<f32>| {
        let (_, expected) = v.raw(name);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(expected) {
            let off = (found - expected).abs();
            assert!(
                off <= 1e-5 * expected.abs(),
                "{name}: {found} for {expected}"
            );
        }
    };
    let wild = Posterior::from_moments(v.tensor("parameters"));
    v.check("mean", wild.mean.clone(), 0.0);
    v.check("mode", wild.mode(), 0.0);
    v.check("logvar", wild.logvar.clone(), 0.0);
    close("kl_per_sample", values(wild.kl()));
    // Noise of 1 around 0 is the deviation.
    let around_zero = Posterior::new(wild.mean.zeros_like(), wild.logvar);
    let deviation = around_zero.sample(wild.mean.ones_like());
    close("std", values(deviation.clone()));
    close("var", values(deviation.square()));

    let mild = Posterior::from_moments(v.tensor("mild.parameters"));
    let sample = mild.sample(v.tensor("mild.eps"));
    v.check("mild.sample_from_eps", sample, 1e-6);
    close("mild.kl_per_sample", values(mild.kl()));
}

#[test]
fn streaming_4x8x8_equals_the_whole() {
    let clip = Vectors::open("wfvae/v1_a_c4.io").tensor("chunk33.input");
    check_streaming(&v1_a(), &clip, 1e-5);
}

#[test]
fn streaming_8x8x8_equals_the_whole() {
    let clip = Vectors::open("wfvae/v1_c_888.io").tensor("chunk41.input");
    check_streaming(&v1_c_888(), &clip, 1e-5);
}

/// With nearest interpolation the reference is causal throughout; ours must stream it as well.
#[test]
fn streaming_with_nearest_interpolation_equals_the_whole() {
    let config = v1_a().config().to_json().replace("trilinear", "nearest");
    let config = ModelConfig::from_json(&config).unwrap();
    let clip = Vectors::open("wfvae/v1_a_c4.io").tensor("chunk33.input");
    check_streaming(&formula_model(&config, V1_A_SEED), &clip, 1e-5);
}

/// Compression of a causal latent leaves its first frame alone and refuses odd sides.
#[test]
fn a_causal_latent_is_compressed_from_its_second_frame_on() {
    let model = v1_a();
    let mask = wavelet::MaskChoice::Lowpass50.build(4).unwrap();
    let v = Vectors::open("wfvae/v1_a_c4.io");
    let latent: Tensor<5> = v.tensor("t17.posterior.mean");
    let restored = model.restore(latent.clone(), &mask).unwrap();
    assert_eq!(restored.dims(), latent.dims());
    let first = |t: &Tensor<5>| e2e::vectors::values(t.clone().narrow(2, 0, 1));
    assert_eq!(first(&restored), first(&latent));
    let (a, b) = (
        e2e::vectors::values(restored),
        e2e::vectors::values(latent.clone()),
    );
    assert!(e2e::vectors::worst_difference(&a, &b).1 > 0.01);

    let odd = model.restore(latent.narrow(3, 0, 3), &mask).unwrap_err();
    assert_eq!(
        odd,
        wavelet::MaskError::OddSize {
            height: 3,
            width: 4
        }
    );
}
