//! The Wan 2.1 VAE against the output of the reference implementations, through the public surface.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use e2e::vectors::{
    Vectors, assert_close, check_constants, check_shapes, check_streaming, formula_model,
    formula_tensor,
};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vae::{Autoencoder, ModelConfig, WeightFormat};
use wavelet::{Mask, MaskChoice, compact, multi_wt};

const LATENT: f32 = 1e-4;
const SAMPLE: f32 = 1e-4;

const TINY: &str = r#"{"_class_name": "WanVAE", "dim": 6, "z_dim": 16}"#;
const DIFFUSERS: &str = r#"{"_class_name": "AutoencoderKLWan", "base_dim": 6, "z_dim": 16}"#;
const LC: &str = r#"{"_class_name": "Wan2_1_VAE_MultiWavelet", "dim": 8, "z_channels": 32,
    "constants": "reference"}"#;

fn config(text: &str) -> ModelConfig {
    ModelConfig::from_json(text).unwrap()
}

fn tiny(text: &str) -> Autoencoder {
    let weights = Vectors::open("wan/tiny_weights");
    Autoencoder::load(&config(text), weights.bytes(), &Device::flex()).unwrap()
}

fn clip(name: &str) -> Tensor<5> {
    Vectors::open(&format!("wan/tiny_{name}")).tensor("x")
}

/// The original's latents are normalised, diffusers' are not.
#[test]
fn clips_and_pictures() {
    let (original, diffusers) = (tiny(TINY), tiny(DIFFUSERS));
    let sampled = Vectors::open("wan/activations");
    for name in ["T1", "T5", "T17"] {
        let v = Vectors::open(&format!("wan/tiny_{name}"));
        let raw = diffusers.encode(v.tensor("x")).posterior;
        v.check("mu_raw", raw.mode(), LATENT);
        v.check("logvar_raw", raw.logvar, LATENT);
        let normalised = original.encode(v.tensor("x")).posterior;
        v.check("latent_norm", normalised.mode(), LATENT);
        let sample = original.decode(v.tensor("latent_norm")).sample;
        v.check("recon_unclamped", sample.clone(), SAMPLE);
        let clamped = sample.clamp(-1.0, 1.0);
        sampled.check_sampled(&format!("{name}.recon_clamped"), clamped, SAMPLE);
        let sample = diffusers.decode(v.tensor("mu_raw")).sample;
        v.check("recon_unclamped", sample, SAMPLE);
    }
}

/// A sample of the normalised posterior is the normalised sample.
#[test]
fn noise_is_scaled_with_the_latents() {
    let noise = formula_tensor("noise", [1, 16, 1, 4, 5], 1.0);
    let [original, diffusers] = [TINY, DIFFUSERS].map(|text| {
        let model = tiny(text);
        let latent = model.encode(clip("T1")).posterior.sample(noise.clone());
        model.decode(latent).sample
    });
    assert_close("samples", original, diffusers, SAMPLE);
}

#[test]
fn streaming_equals_the_whole() {
    check_streaming(&tiny(TINY), &clip("T17"), 1e-5);
}

#[test]
fn a_remainder_of_frames_is_left_out() {
    let model = tiny(TINY);
    let mean = |frames| {
        model
            .encode(clip("T17").narrow(2, 0, frames))
            .posterior
            .mean
    };
    assert_close("16 frames", mean(16), mean(13), 0.0);
}

#[test]
fn the_published_sizes() {
    let model = |text: &str| Autoencoder::new(&config(text), &Device::flex());
    let published = model(r#"{"_class_name": "WanVAE"}"#);
    assert_eq!(published.num_params(), 126_892_531);
    check_shapes(&published, "wan/keys_z16.tsv");
    let lc = model(r#"{"_class_name": "Wan2_1_VAE_MultiWavelet"}"#);
    assert_eq!(lc.num_params(), 127_394_115);
    check_shapes(&lc, "wan/keys_lc32.tsv");
    let narrow = model(&LC.replace("\"dim\": 8", "\"dim\": 2"));
    let written = narrow.to_safetensors(WeightFormat::F32, &[]).unwrap();
    check_constants(&written, "wan/keys_lc32.tsv");
}

#[test]
fn what_is_written_loads_again() {
    let theirs = Vectors::open("wan/tiny_weights");
    theirs.check_file(&tiny(TINY).to_safetensors(WeightFormat::F32, &[]).unwrap());
}

/// Files in diffusers' names are written for its class and read for either.
#[test]
fn the_names_of_diffusers() {
    let bytes = tiny(DIFFUSERS)
        .to_safetensors(WeightFormat::F32, &[])
        .unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.len(), 194);
    for name in [
        "quant_conv.weight",
        "post_quant_conv.bias",
        "encoder.conv_in.weight",
        "encoder.down_blocks.3.conv_shortcut.weight",
        "encoder.down_blocks.5.time_conv.weight",
        "encoder.down_blocks.10.norm2.gamma",
        "encoder.mid_block.resnets.1.conv2.bias",
        "encoder.mid_block.attentions.0.to_qkv.weight",
        "encoder.norm_out.gamma",
        "encoder.conv_out.weight",
        "decoder.conv_in.bias",
        "decoder.up_blocks.0.upsamplers.0.resample.1.weight",
        "decoder.up_blocks.1.resnets.0.conv_shortcut.bias",
        "decoder.up_blocks.1.upsamplers.0.time_conv.weight",
        "decoder.up_blocks.3.resnets.2.conv1.weight",
    ] {
        assert!(file.tensor(name).is_ok(), "{name}");
    }
    let original = Autoencoder::load(&config(TINY), &bytes, &Device::flex()).unwrap();
    let written = original.to_safetensors(WeightFormat::F32, &[]).unwrap();
    Vectors::open("wan/tiny_weights").check_file(&written);
}

/// LC-VAE's authors' form: a sample of 33 frames, of whose 9 latents the first 8 are compressed.
#[test]
fn latent_compression_as_its_authors_have_it() {
    const LATENT: f32 = 1e-5;
    const SAMPLE: f32 = 2e-5;
    let v = Vectors::open("wan/tiny_multiwavelet");
    let model = formula_model(&config(LC), 301);
    let posterior = model.encode(v.tensor("input")).posterior;
    v.check("posterior.mean", posterior.mean.clone(), LATENT);
    v.check("posterior.logvar", posterior.logvar.clone(), LATENT);
    let noise = formula_tensor("wan.eps", [1, 32, 9, 4, 4], 3.0_f64.sqrt());
    let z = posterior.sample(noise);
    v.check("z", z.clone(), LATENT);
    let mask = model.config().mask().build(32).unwrap();
    let restored = model.restore(z, &mask).unwrap();
    v.check("z_out", restored.clone(), LATENT);
    let sample = without_conv2(&model).decode(restored).sample;
    v.check("sample", sample, SAMPLE);

    let vanilla = model
        .encode(v.tensor::<5>("input").narrow(2, 0, 5))
        .posterior;
    let sample = model.decode(vanilla.mean).sample;
    v.check("vanilla.sample_from_mean", sample, SAMPLE);
}

/// The vector `sample` was recorded with `conv2`, the pointwise convolution in front of the
/// decoder, passing its input on; `vanilla.sample_from_mean`, the authors' code and
/// spec/lcvae.md 12 all apply it, and so does the model. This one has the identity in its place.
fn without_conv2(model: &Autoencoder) -> Autoencoder {
    let bytes = model.to_safetensors(WeightFormat::F32, &[]).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    // The reference's parameters and its 20 Haar constants.
    assert_eq!(file.len(), 214);
    let channels = model.config().channels();
    let changed: Vec<(String, Vec<usize>, Vec<u8>)> = file
        .iter()
        .map(|(name, view)| {
            let diagonal = |i: usize| name == "conv2.weight" && i / channels == i % channels;
            let numbers = 0..view.data().len() / 4;
            let identity = numbers.map(|i| f32::from(u8::from(diagonal(i))).to_le_bytes());
            let data = match name.strip_prefix("conv2.") {
                Some(_) => identity.flatten().collect(),
                None => view.data().to_vec(),
            };
            (name.to_owned(), view.shape().to_vec(), data)
        })
        .collect();
    let views = changed.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).unwrap();
        (name, view)
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    Autoencoder::load(model.config(), &bytes, &Device::flex()).unwrap()
}

/// The rule of frames is the config's, for any class of causal models.
#[test]
fn which_latents_are_compressed() {
    let v = Vectors::open("wan/transform");
    // The authors' list `wan_vae_32`: of each block of 64 channels the first 60, or the first 4.
    let listed = (0..8).flat_map(|block| 64 * block..64 * block + if block < 4 { 60 } else { 4 });
    for (case, channels, mask) in [
        ("z32", 32, MaskChoice::Soft50),
        ("z16clean", 16, MaskChoice::Paper50),
        ("z16", 16, MaskChoice::Channels(listed.collect())),
    ] {
        let z = formula_tensor(&format!("wan.{case}"), [1, channels, 9, 8, 8], 2.0);
        let text = format!(
            r#"{{"_class_name": "WanVAE", "dim": 2, "z_dim": {channels},
                "constants": "reference", "compressed": "first-eight"}}"#
        );
        let config = config(&text);
        let model = Autoencoder::new(&config, &Device::flex());
        let mask = mask.build(channels).unwrap();
        v.check(
            &format!("{case}.z_out"),
            model.restore(z.clone(), &mask).unwrap(),
            3e-6,
        );
        let part = z.slice_dim(2, config.compressed_frames(9));
        let kept = compact(multi_wt(part, config.constants()), &mask).unwrap();
        v.check(&format!("{case}.compact"), kept, 3e-6);
    }
}

/// By default the picture that a causal model's first latent stands for is left alone.
#[test]
fn the_first_latent_is_kept_by_default() {
    let model = Autoencoder::new(&config(TINY), &Device::flex());
    let z: Tensor<5> = formula_tensor("z", [1, 16, 10, 4, 4], 2.0);
    let dropped = Mask::from_groups(16, &[0]).unwrap();
    let restored = model.restore(z.clone(), &dropped).unwrap();
    let first = |t: &Tensor<5>| t.clone().narrow(2, 0, 1);
    assert_close("the first", first(&restored), first(&z), 0.0);
    assert_eq!(model.config().compressed_frames(10), 1..10);
}

#[test]
fn configs_survive_writing_and_say_what_is_wrong() {
    for text in [TINY, DIFFUSERS, LC] {
        let config = config(text);
        assert_eq!(ModelConfig::from_json(&config.to_json()).unwrap(), config);
    }
    assert!(config(DIFFUSERS).to_json().contains("\"z_dim\": 16"));
    let error = |fields: &str| {
        let text = format!(r#"{{"_class_name": "AutoencoderKLWan", {fields}}}"#);
        ModelConfig::from_json(&text).unwrap_err().to_string()
    };
    assert!(error(r#""is_residual": true, "patch_size": 2"#).contains("Wan 2.2"));
    assert!(error(r#""attn_scales": [1.0]"#).contains("attn_scales"));
    assert!(error(r#""base_dim": 5, "dim_mult": [1, 1, 1, 1]"#).contains("even"));
    assert!(error(r#""latents_mean": [0.5]"#).contains("16 numbers each"));
    assert!(error(r#""compressed": "all""#).contains("all-but-first"));
    assert!(error(r#""dim_mult": [1, 2]"#).contains("not readable"));
}
