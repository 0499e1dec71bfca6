//! The discriminator and its losses against the output of the reference implementation.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use adversarial::{
    AdversarialLoss, Discriminator, DiscriminatorConfig, adaptive_weight, generator_loss,
};
use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, values};

fn check(case: &str, width: usize, layers: usize) {
    let vectors = Vectors::open("wfvae/discriminator");
    let config = DiscriminatorConfig { width, layers };
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
