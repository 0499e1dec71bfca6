//! The discriminator and its losses against the output of the reference implementation.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use adversarial::{
    AdversarialLoss, Discriminator, DiscriminatorConfig, LeCam, Patch, adaptive_weight,
    frames_loss, generator_loss,
};
use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, listed, values};
use safetensors::SafeTensors;

fn check(case: &str, width: usize, layers: usize) {
    let vectors = Vectors::open("wfvae/discriminator");
    let config = DiscriminatorConfig {
        patch: Patch::Volume,
        width,
        layers,
    };
    let mut discriminator = Discriminator::new(&config, &Device::flex());
    // The cases `n4` and `n4_t1` are of the same weights, which are in the file once.
    let weights = case.trim_end_matches("_t1");
    let prefix = format!("{weights}.param.");
    discriminator.load(vectors.bytes(), &prefix).unwrap();

    let clip = vectors.tensor::<5>(&format!("{case}.in"));
    let logits = discriminator.evaluate(clip.clone());
    vectors.check(&format!("{case}.out_eval"), logits, 1e-5);
    let logits = discriminator.train_step(clip, |_| None);
    vectors.check(&format!("{case}.out_train"), logits, 1e-5);
    let statistics = discriminator.running_statistics();
    for (n, (mean, var)) in statistics.into_iter().enumerate() {
        let name = format!("{case}.after_train.main.{}", 4 * n + 3);
        vectors.check(&format!("{name}.running_mean"), mean, 1e-5);
        vectors.check(&format!("{name}.running_var"), var, 1e-5);
    }
}

#[test]
fn four_layers_are_the_references() {
    check("n4", 6, 4);
}

#[test]
fn three_layers_are_the_references() {
    check("n3", 4, 3);
}

#[test]
fn a_single_frame_is_the_references() {
    check("n4_t1", 6, 4);
}

#[test]
fn the_losses_are_the_references() {
    let vectors = Vectors::open("wfvae/discriminator");
    for (loss, name) in [
        (AdversarialLoss::Hinge, "hinge"),
        (AdversarialLoss::Vanilla, "vanilla"),
    ] {
        let real = vectors.tensor("logits_real");
        let found = values(loss.discriminator(real, vectors.tensor("logits_fake")))[0];
        let expected = vectors.raw(name).1[0];
        assert!(
            (found - expected).abs() <= 1e-5 * expected,
            "{name}: {found}"
        );
    }
}

#[test]
fn another_size_is_refused() {
    let vectors = Vectors::open("wfvae/discriminator");
    let config = DiscriminatorConfig {
        patch: Patch::Volume,
        width: 8,
        layers: 4,
    };
    let mut discriminator = Discriminator::new(&config, &Device::flex());
    let error = discriminator
        .load(vectors.bytes(), "n4.param.")
        .unwrap_err();
    assert!(error.to_string().contains("main.0.weight"), "{error}");
}

#[test]
fn the_adaptive_weight_is_the_ratio_of_the_norms_within_bounds() {
    let gradient = |values: [f32; 2]| Tensor::<1>::from_floats(values, &Device::flex());
    let weight = |adversarial| {
        let weight = adaptive_weight(gradient([3.0, 4.0]), gradient(adversarial), 0.5);
        values(weight)[0]
    };
    assert!((weight([0.0, 2.0]) - 1.25).abs() < 1e-5);
    assert_eq!(weight([0.0, 0.0]), 0.5e6);
}

#[test]
fn the_generator_wants_large_logits() {
    let logits = Tensor::<1>::from_floats([1.0, 3.0], &Device::flex()).reshape([1, 1, 1, 1, 2]);
    assert_eq!(values(generator_loss(logits)), [-2.0]);
}

/// LeanVAE's frames, `[1, 3, T, H, W]`.
fn lean_discriminator(vectors: &Vectors) -> Discriminator {
    let config = DiscriminatorConfig {
        patch: Patch::Frame,
        width: 8,
        layers: 3,
    };
    let mut discriminator = Discriminator::new(&config, &Device::flex());
    discriminator.load(vectors.bytes(), "w.").unwrap();
    discriminator
}

/// `[1, 1, T, h, w]` as the reference has it: every frame for itself, `[T, 1, h, w]`.
fn by_frame(logits: Tensor<5>) -> Tensor<4> {
    logits.squeeze_dim::<4>(0).swap_dims(0, 1)
}

#[test]
fn frames_are_the_references() {
    let vectors = Vectors::open("leanvae/discriminator");
    let mut discriminator = lean_discriminator(&vectors);
    let real = vectors.tensor::<5>("real");
    let logits = discriminator.evaluate(real.clone());
    vectors.check("eval.logits_real", by_frame(logits), 1e-5);
    let logits = discriminator.train_step(real, |_| None);
    vectors.check("train.logits_real_firstcall", by_frame(logits), 1e-5);
}

/// Two steps of the discriminator and one of the generator in between, all on the same weights.
#[test]
fn leanvaes_losses_and_statistics_are_the_references() {
    const WEIGHT: f64 = 0.2;
    const LECAM: f64 = 0.005;
    let vectors = Vectors::open("leanvae/discriminator");
    let mut discriminator = lean_discriminator(&vectors);
    let [real, fake] = ["real", "fake"].map(|name| vectors.tensor::<5>(name));
    let close = |name: &str, found: Tensor<1>| {
        let (found, expected) = (values(found)[0], vectors.raw(name).1[0]);
        let off = (found - expected).abs();
        assert!(off <= 1e-5 * expected.abs(), "{name}: {found}");
    };
    let mut lecam = LeCam::new(&Device::flex());
    for step in ["step1", "step2"] {
        if step == "step1" {
            let judged = discriminator.train_step(fake.clone(), |_| None);
            close("train.g_loss_step1", frames_loss(judged) * WEIGHT);
        }
        let judged_real = discriminator.train_step(real.clone(), |_| None);
        let judged_fake = discriminator.train_step(fake.clone(), |_| None);
        let (next, penalty) = lecam.follow(judged_real.clone(), judged_fake.clone());
        lecam = next;
        let hinge = AdversarialLoss::Hinge.discriminator(judged_real, judged_fake);
        close(&format!("train.d_loss_{step}"), hinge + penalty * LECAM);
        if step == "step1" {
            close("train.lecam_real_ema1", lecam.real.clone());
            close("train.lecam_fake_ema1", lecam.fake.clone());
        }
    }
    for (n, (mean, var)) in discriminator.running_statistics().into_iter().enumerate() {
        let name = format!("train.after.main.{}", 3 * n + 3);
        vectors.check(&format!("{name}.running_mean"), mean, 1e-5);
        vectors.check(&format!("{name}.running_var"), var, 1e-5);
    }
}

/// The reference also counts batches.
#[test]
fn leanvaes_published_size() {
    let config = DiscriminatorConfig {
        patch: Patch::Frame,
        width: 64,
        layers: 3,
    };
    let discriminator = Discriminator::new(&config, &Device::flex());
    let written = discriminator.to_safetensors().unwrap();
    let file = SafeTensors::deserialize(&written).unwrap();
    let tensors = file.iter();
    let found: BTreeSet<String> = tensors
        .map(|(name, view)| format!("{name}\t{:?}", view.shape()))
        .collect();
    let parameter = |name: &str| !name.ends_with("num_batches_tracked");
    assert_eq!(found, listed("leanvae/keys_discriminator.tsv", parameter));
}

#[test]
fn a_discriminator_is_written_as_it_was_read() {
    for (file, prefix, patch, width, layers) in [
        ("wfvae/discriminator", "n3.param.", Patch::Volume, 4, 3),
        ("leanvae/discriminator", "w.", Patch::Frame, 8, 3),
    ] {
        let vectors = Vectors::open(file);
        let config = DiscriminatorConfig {
            patch,
            width,
            layers,
        };
        let mut discriminator = Discriminator::new(&config, &Device::flex());
        discriminator.load(vectors.bytes(), prefix).unwrap();
        let written = discriminator.to_safetensors().unwrap();
        let written = SafeTensors::deserialize(&written).unwrap();
        assert_eq!(written.len(), 4 + 5 * layers, "{file}");
        for (name, view) in written.iter() {
            let (shape, expected) = vectors.raw(&format!("{prefix}{name}"));
            assert_eq!(view.shape(), shape, "{name}");
            let bytes: Vec<u8> = expected.iter().flat_map(|v| v.to_le_bytes()).collect();
            assert_eq!(view.data(), bytes, "{name}");
        }
    }
}
