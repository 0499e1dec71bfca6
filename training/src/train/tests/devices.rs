//! Several devices, and bf16, on the CPU.

use burn::tensor::Device;
use clips::{Scene, to_planar_f32};
use dataset::Batch;
use safetensors::SafeTensors;

use super::super::attempt::Replica;
use super::super::state::Trainer;
use crate::config::{AdversarialConfig, Config, Precision, Turns};

/// Three devices with five batches: the CPU under three names. Adam makes of a gradient near 0 a
/// step in either direction, so the weights are compared by how far they have moved in all.
#[test]
fn devices_that_share_a_step_learn_what_one_would() {
    let mut config = Config::preset("tiny").unwrap();
    config.data.frames = 32;
    config.optimiser.warmup_steps = 0;
    config.adversarial = Some(AdversarialConfig {
        width: 4,
        layers: 1,
        start: 0,
        turns: Turns::Both,
        ..AdversarialConfig::default()
    });
    let device = Device::flex();
    let start = Trainer::fresh(&config, &device, String::new(), None, None).unwrap();
    let start = start.checkpoint().unwrap();
    let learnt = |replicas: usize| {
        let replica = |_| Replica {
            device: device.clone(),
            perceptual: None,
        };
        let trainer = Trainer::resume(&config, &device, &start, String::new(), None).unwrap();
        let mut trainer = trainer.with_replicas((0..replicas).map(replica).collect());
        let batches = Scene::all()[..5].iter().map(|scene| Batch {
            samples: to_planar_f32(&scene.render_varied(1, 32, 32, 32)),
            shape: [1, 3, 32, 32, 32],
        });
        let report = trainer.step(batches.collect()).unwrap();
        let after = trainer.checkpoint().unwrap();
        (report.metrics, moved(&start.weights, &after.weights))
    };
    let (one, moved_alone) = learnt(0);
    let (three, moved_together) = learnt(2);
    assert!(one.mean("discriminator").is_some());
    for (name, mean) in one.means() {
        let shared = three.mean(name).unwrap();
        assert!(
            (shared - mean).abs() <= 1e-5 * mean.abs().max(1e-3),
            "{name}: {shared} for {mean}"
        );
    }
    let norm = |moves: &[f32]| moves.iter().map(|m| f64::from(m * m)).sum::<f64>().sqrt();
    let apart: Vec<f32> = moved_alone
        .iter()
        .zip(&moved_together)
        .map(|(a, b)| a - b)
        .collect();
    assert!(norm(&moved_alone) > 0.0);
    assert!(
        norm(&apart) <= 1e-2 * norm(&moved_alone),
        "{} of {}",
        norm(&apart),
        norm(&moved_alone)
    );
}

/// bf16 has 8 bits of a number: a step of every backbone gives what it gives in f32, less exactly.
#[test]
fn every_backbone_takes_a_step_in_bf16() {
    for model in [
        r#"_class_name = "WFVAEModel"
        latent_dim = 2
        base_channels = 8
        encoder_energy_flow_hidden_size = 8
        decoder_energy_flow_hidden_size = 8
        norm_type = "layernorm"
        t_interpolation = "trilinear""#,
        r#"_class_name = "LeanVAE"
        latent_dim = 2
        embedding_dim = 32
        l_dim = 8
        h_dim = 24
        mask = "lowpass50""#,
        r#"_class_name = "WanVAE"
        dim = 8
        z_dim = 2
        mask = "lowpass50""#,
        r#"_class_name = "IV_VAE"
        dim = 8
        z_dim = 2
        mask = "lowpass50""#,
    ] {
        let mut config = Config::preset("tiny").unwrap();
        config.model = toml::Value::Table(toml::from_str(model).unwrap());
        config.adversarial = Some(AdversarialConfig {
            width: 4,
            layers: 1,
            turns: Turns::Both,
            adaptive: model.contains("WF"),
            ..AdversarialConfig::default()
        });
        let device = Device::flex();
        let start = Trainer::fresh(&config, &device, String::new(), None, None).unwrap();
        let start = start.checkpoint().unwrap();
        let step = |precision| {
            let mut config = config.clone();
            config.optimiser.precision = precision;
            let mut trainer =
                Trainer::resume(&config, &device, &start, String::new(), None).unwrap();
            let batch = Batch {
                samples: to_planar_f32(&Scene::SlowPan.render(1, 16, 16, 33)),
                shape: [1, 3, 33, 16, 16],
            };
            let report = trainer.step(vec![batch]).unwrap();
            let after = trainer.checkpoint().unwrap();
            (report.metrics, moved(&start.weights, &after.weights))
        };
        let (full, moves) = step(Precision::F32);
        let (half, half_moves) = step(Precision::Bf16);
        for (name, tolerance) in [("l1", 0.02), ("kl", 0.05), ("gradient_norm", 0.2)] {
            let [full, half] = [&full, &half].map(|numbers| numbers.mean(name).unwrap());
            assert!(
                full != half && (full - half).abs() < tolerance * full.abs(),
                "{model}: {name}: {half} for {full}"
            );
        }
        // Adam's first step is the sign of the gradient.
        let same = moves.iter().zip(&half_moves).filter(|(a, b)| *a * *b > 0.0);
        let share = same.count() as f64 / moves.iter().filter(|m| **m != 0.0).count() as f64;
        assert!(
            share > 0.8,
            "{model}: {share} of the weights go the same way"
        );
    }
}

/// By how much each weight differs between two weight files.
fn moved(before: &[u8], after: &[u8]) -> Vec<f32> {
    let numbers = |file: &[u8]| -> Vec<f32> {
        let file = SafeTensors::deserialize(file).unwrap();
        let mut names = file.names();
        names.sort_unstable();
        let bytes = names
            .iter()
            .flat_map(|name| file.tensor(name).unwrap().data().to_vec());
        let bytes: Vec<u8> = bytes.collect();
        let (numbers, _) = bytes.as_chunks::<4>();
        numbers.iter().map(|n| f32::from_le_bytes(*n)).collect()
    };
    let pairs = numbers(after).into_iter().zip(numbers(before));
    pairs.map(|(after, before)| after - before).collect()
}
