//! Training steps against the references' own.

use std::collections::BTreeMap;

use adversarial::{Discriminator, DiscriminatorConfig, LeCam, Patch};
use burn::module::{Module, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, FloatDType};
use e2e::vectors::{Vectors, formula_file, formula_model};
use safetensors::Dtype;
use serde_json::Value;
use vae::{Autoencoder, ModelConfig};

use super::super::adversary::Critic;
use super::super::compression::Compression;
use super::super::generator::{Objective, Reconstructed, reconstruct};
use super::super::metrics::{DeviceMetrics, Metrics};
use super::super::rng_streams::RngStreams;
use super::checks::{
    LOSS, Names, RATIO, check_gradients, check_norms, check_weights, close, numbers,
};
use crate::config::{AdversarialConfig, Config, LossConfig, OptimiserConfig, Reduction};
use crate::losses::PerceptualLoss;
use crate::losses::tests::tiny_lpips;
use crate::optim::{adamw, number_parameters, update};

const DRAWS: RngStreams = RngStreams { seed: 0, batch: 0 };

/// The references' sums, weighted as in their scripts.
fn reference_loss(wavelet: f64, logvar: f64) -> LossConfig {
    LossConfig {
        l1: 1.0,
        kl: 1e-6,
        wavelet,
        logvar,
        reduction: Reduction::Reference,
        ..Config::preset("tiny").unwrap().loss
    }
}

fn optimiser() -> OptimiserConfig {
    OptimiserConfig {
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weight_decay: 1e-4,
        ..Config::preset("tiny").unwrap().optimiser
    }
}

/// The model, network, discriminator and clip of the WF-VAE's vector.
struct Wf {
    vectors: Vectors,
    expected: Value,
    model: Autoencoder,
    lpips: PerceptualLoss,
    adversarial: AdversarialConfig,
    critic: Critic,
}

impl Wf {
    fn open() -> Self {
        let device = Device::flex();
        let text = r#"{"_class_name": "WFVAEModel", "latent_dim": 4, "base_channels": 4,
            "encoder_energy_flow_hidden_size": 4, "decoder_energy_flow_hidden_size": 4,
            "decoder_num_resblocks": 1, "norm_type": "layernorm", "t_interpolation": "trilinear",
            "connect_res_layer_num": 0, "use_attention": false}"#;
        let config = ModelConfig::from_json(text).unwrap();
        let weights = formula_file(&config, 44, Dtype::F16);
        let model = Autoencoder::load(&config, &weights, &device).unwrap();

        let adversarial = AdversarialConfig {
            width: 6,
            dropout: 0.0,
            ..AdversarialConfig::default()
        };
        let size = DiscriminatorConfig {
            patch: Patch::Volume,
            width: 6,
            layers: 4,
        };
        let mut discriminator = Discriminator::new(&size, &device);
        let weights = Vectors::open("wfvae/discriminator");
        discriminator.load(weights.bytes(), "n4.param.").unwrap();
        Self {
            vectors: Vectors::open("wfvae/train_step"),
            expected: numbers("wfvae/train_step"),
            model: number_parameters(model).train(),
            lpips: tiny_lpips(),
            critic: Critic::new(&adversarial, discriminator, LeCam::new(&device)),
            adversarial,
        }
    }

    fn reconstruct(&self, model: &Autoencoder) -> (Reconstructed, Compression) {
        let device = Device::flex();
        let mut compression = Compression::new(model, None, &[]).unwrap();
        let clip = self.vectors.tensor::<5>("input").autodiff();
        let noise = |_| self.vectors.tensor("eps").to_device(&device);
        let made = reconstruct(model, FloatDType::F32, &mut compression, clip, noise).unwrap();
        (made, compression)
    }

    /// A step of the autoencoder, with or without the discriminator.
    fn gradients(&mut self, adversarial: bool) -> (GradientsParams, Metrics) {
        let loss = reference_loss(0.1, 0.1);
        let objective = Objective {
            loss: &loss,
            perceptual: Some(&self.lpips),
            adversarial: Some(&self.adversarial),
        };
        let (made, compression) = self.reconstruct(&self.model);
        let mut critic = self.critic.clone();
        let critic = adversarial.then_some(&mut critic);
        let mut metrics = DeviceMetrics::default();
        let gradients = objective
            .gradients(
                &self.model,
                &made,
                &compression,
                critic,
                DRAWS,
                &mut metrics,
            )
            .unwrap();
        (gradients, metrics.read().unwrap())
    }
}

#[test]
fn wf_vaes_step_is_the_references() {
    let mut wf = Wf::open();
    let (gradients, found) = wf.gradients(true);
    let expected = &wf.expected["gen"];
    for (ours, name, tolerance) in [
        ("kl", "kl_loss", LOSS),
        ("wavelet", "wl_loss", LOSS),
        ("adversarial", "g_loss", LOSS),
        ("loss", "total_loss", LOSS),
        ("adaptive_weight", "d_weight", RATIO),
    ] {
        close(name, found.mean(ours).unwrap(), &expected[name], tolerance);
    }
    let per_frame = (3 * 32 * 32) as f64;
    let errors = found.mean("l1").unwrap() + per_frame * found.mean("perceptual").unwrap();
    let nll = errors * (-0.1_f64).exp() + 0.1 * per_frame;
    close("nll", nll, &expected["nll_loss"], LOSS);
    let ids = Names::of(&wf.model);
    check_gradients(&wf.vectors, "gen.grad.", &gradients, &ids);
    check_norms(&expected["grad_norms"], &wf.model, &gradients, &ids);

    let before = wf.model.valid();
    let after = adamw(&optimiser()).step(1e-3, wf.model.clone(), gradients);
    check_weights(&wf.vectors, "gen.after_adamw.", &after.valid());
    let average = update(before, &after, 0.999);
    check_weights(&wf.vectors, "gen.after_ema.", &average);
}

#[test]
fn wf_vaes_step_before_the_discriminator_is_the_references() {
    let mut wf = Wf::open();
    let (gradients, found) = wf.gradients(false);
    let expected = &wf.expected["gen_before_disc_start"]["total_loss"];
    close("total", found.mean("loss").unwrap(), expected, LOSS);
    assert_eq!(found.mean("adaptive_weight"), None);
    let prefix = "gen_before_disc_start.grad.";
    check_gradients(&wf.vectors, prefix, &gradients, &Names::of(&wf.model));
    let after = adamw(&optimiser()).step(1e-3, wf.model.clone(), gradients);
    check_weights(
        &wf.vectors,
        "gen_before_disc_start.after_adamw.",
        &after.valid(),
    );
}

#[test]
fn wf_vaes_discriminator_step_is_the_references() {
    let mut wf = Wf::open();
    let (made, _) = wf.reconstruct(&wf.model.valid());
    let (real, fake) = (made.pair.clip.inner(), made.pair.sample.inner());
    let mut metrics = DeviceMetrics::default();
    let loss = wf.critic.loss(real, fake, DRAWS, &mut metrics);
    let discriminator = &wf.critic.discriminator;
    let gradients = GradientsParams::from_grads(loss.backward(), discriminator);
    let found = metrics.read().unwrap();
    let expected = &wf.expected["disc"];
    for (ours, name) in [
        ("discriminator", "disc_loss"),
        ("logits_real", "logits_real"),
        ("logits_fake", "logits_fake"),
    ] {
        close(name, found.mean(ours).unwrap(), &expected[name], 2.0 * LOSS);
    }
    let ids = discriminator_names(discriminator);
    check_gradients(&wf.vectors, "disc.grad.", &gradients, &ids);
    let statistics = discriminator.valid().running_statistics();
    for (n, (mean, var)) in statistics.into_iter().enumerate() {
        let name = format!("disc.after.main.{}", 4 * n + 3);
        wf.vectors
            .check(&format!("{name}.running_mean"), mean, 1e-5);
        wf.vectors.check(&format!("{name}.running_var"), var, 1e-5);
    }
}

/// `blocks.1.norm.weight` is the reference's `main.7.weight`, and so on.
fn discriminator_names(discriminator: &Discriminator) -> BTreeMap<String, ParamId> {
    let rename = |name: String| {
        let parts: Vec<&str> = name.split('.').collect();
        let index = |n: &str| n.parse::<usize>().unwrap();
        match parts[..] {
            ["first", what] => format!("main.0.{what}"),
            ["last", what] => format!("main.18.{what}"),
            ["blocks", n, "weight"] => format!("main.{}.weight", 4 * index(n) + 2),
            ["blocks", n, "norm", what] => format!("main.{}.{what}", 4 * index(n) + 3),
            _ => panic!("{name}"),
        }
    };
    let own = Names::of(discriminator);
    own.into_iter()
        .map(|(name, id)| (rename(name), id))
        .collect()
}

#[test]
fn lc_vaes_gradients_are_the_references() {
    let text = r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": 8,
        "base_channels": 32, "norm_type": "layernorm", "t_interpolation": "trilinear",
        "encoder_energy_flow_hidden_size": 64, "decoder_energy_flow_hidden_size": 128,
        "constants": "reference", "mask": "soft50"}"#;
    let config = ModelConfig::from_json(text).unwrap();
    let model = number_parameters(formula_model(&config, 202)).train();
    let vectors = Vectors::open("lcvae/train_grad");
    let expected = numbers("lcvae/train_grad");

    let mut compression = Compression::new(&model, None, &[]).unwrap();
    let ids = Names::of(&model);
    // The second phase's own term is zero for clips of 32 frames, which have one coefficient in time.
    for (phase, dropped) in [("phase1", 0.0), ("phase2", 0.0), ("phase1_teacher", 1.0)] {
        let loss = LossConfig {
            dropped,
            ..reference_loss(0.0, 0.0)
        };
        let objective = Objective {
            loss: &loss,
            perceptual: None,
            adversarial: None,
        };
        let clip = vectors.tensor::<5>("input").autodiff();
        let noise = |_| vectors.tensor("eps");
        let made = reconstruct(&model, FloatDType::F32, &mut compression, clip, noise).unwrap();
        let mut metrics = DeviceMetrics::default();
        let gradients = objective
            .gradients(&model, &made, &compression, None, DRAWS, &mut metrics)
            .unwrap();
        let found = metrics.read().unwrap();
        let mut terms = vec![
            ("l1", "nll_loss"),
            ("kl", "kl_loss"),
            ("loss", "total_loss"),
        ];
        if dropped > 0.0 {
            terms.push(("dropped", "distill_loss"));
        }
        for (ours, theirs) in terms {
            let found = found.mean(ours).unwrap();
            close(
                &format!("{phase} {theirs}"),
                found,
                &expected[phase][theirs],
                LOSS,
            );
        }
        if phase == "phase1" {
            check_gradients(&vectors, "grad.", &gradients, &ids);
            check_norms(&expected["grad_norms"], &model, &gradients, &ids);
        } else {
            check_gradients(&vectors, &format!("{phase}.grad."), &gradients, &ids);
        }
    }
}
