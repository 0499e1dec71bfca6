//! A few training steps written out, so that another implementation can repeat them and be compared.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use codec::tensor_file::serialise;
use files::write_whole;
use serde_json::{Map, Value, json};
use vae::{Autoencoder, WeightFormat};

use super::times::begin;
use crate::config::{Config, KlOn};

/// The tensors of each step: the batch, and the posterior's noise.
const STEPS: [[&str; 2]; 3] = [
    ["clip.0", "noise.0"],
    ["clip.1", "noise.1"],
    ["clip.2", "noise.2"],
];

/// Writes a case to `folder`: the model at its start (`config.json`, `model.safetensors` in f32),
/// `case.safetensors` and `case.json`.
///
/// The tensors are those of [`STEPS`], and `mean`, `logvar` and `sample` of the first batch, decoded
/// from the mean after compression. The JSON has the weights of the loss, the optimiser, and of each
/// step the learning rate and every number that the trainer logs.
pub(super) fn write(folder: &Path, config: &Config, device: &Device) -> Result<()> {
    check_portable(config)?;
    let (data, mut trainer) = begin(config, device)?;
    let model = trainer.average();
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let save = |name: &str, bytes: &[u8]| write_whole(&folder.join(name), bytes);
    save(codec::CONFIG, model.config().to_json().as_bytes())?;
    let weights = model.to_safetensors(WeightFormat::F32, &[])?;
    save(codec::WEIGHTS, &weights)?;

    let (mut tensors, mut numbers, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for (step, [clip, noise]) in (0..).zip(STEPS) {
        let batch = data.batch(step)?;
        let samples = TensorData::new(batch.samples.clone(), batch.shape);
        let samples = Tensor::<5>::from_data(samples, device);
        if step == 0 {
            tensors.extend(passed(&model, samples.clone())?);
        }
        let latent = model.encode(samples.clone()).posterior.mean.dims();
        tensors.extend([(clip, samples), (noise, trainer.noise(latent))]);
        let report = trainer.step(vec![batch])?;
        let means = report.metrics.means();
        let means: Map<String, Value> = means.map(|(k, v)| (k.to_owned(), json!(v))).collect();
        numbers.push(means);
        rates.push(report.lr);
    }
    save("case.safetensors", &serialise(tensors, None)?)?;
    let case = json!({
        "loss": config.loss,
        "optimiser": config.optimiser,
        "rates": rates,
        "numbers": numbers,
    });
    save("case.json", case.to_string().as_bytes())?;
    Ok(())
}

/// A clip through the model without noise.
fn passed(model: &Autoencoder, clip: Tensor<5>) -> Result<[(&'static str, Tensor<5>); 3]> {
    let posterior = model.encode(clip).posterior;
    let mask = model.config().mask().build(model.config().channels())?;
    let restored = model.restore(posterior.mode(), &mask)?;
    let sample = model.decode(restored).sample;
    Ok([
        ("mean", posterior.mean),
        ("logvar", posterior.logvar),
        ("sample", sample),
    ])
}

/// Refuses what the other side, training/peer, does not have.
fn check_portable(config: &Config) -> Result<()> {
    let loss = &config.loss;
    let parts = [
        ("an adversarial loss", config.adversarial.is_some()),
        ("a perceptual loss", loss.perceptual.is_some()),
        ("a loss by subbands", loss.bands.is_some()),
        ("a log-variance", loss.logvar != 0.0),
        ("KL on kept coefficients", loss.kl_on == KlOn::Kept),
        ("a loss of what is dropped", loss.dropped != 0.0),
        ("adaptive Top-k", config.topk.is_some()),
        ("frozen parts", !config.freeze.is_empty()),
        ("several batches to a step", config.optimiser.accumulate > 1),
    ];
    let unknown: Vec<&str> = parts
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect();
    ensure!(
        unknown.is_empty(),
        "the preset {} cannot be compared: it has {}, which the PyTorch side lacks",
        config.name,
        unknown.join(" and ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use safetensors::SafeTensors;

    use super::*;

    #[test]
    fn a_case_holds_what_repeats_the_steps() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::preset("tiny").unwrap();
        config.data.size = 16;
        write(folder.path(), &config, &Device::flex()).unwrap();
        let bytes = fs::read(folder.path().join("case.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let shape = |name| tensors.tensor(name).unwrap().shape().to_vec();
        assert_eq!(shape("clip.2"), [1, 3, 32, 16, 16]);
        assert_eq!(shape("noise.2"), shape("mean"));
        assert_ne!(
            tensors.tensor("noise.0").unwrap().data(),
            tensors.tensor("noise.1").unwrap().data()
        );
        let case = fs::read(folder.path().join("case.json")).unwrap();
        let case: Value = serde_json::from_slice(&case).unwrap();
        assert_eq!(case["numbers"].as_array().unwrap().len(), STEPS.len());
        assert!(case["numbers"][0]["gradient_norm"].as_f64().unwrap() > 0.0);
        assert_eq!(case["loss"]["l1"], 1.0);
        assert!(folder.path().join(codec::WEIGHTS).is_file());
    }

    #[test]
    fn what_pytorch_lacks_is_named() {
        let config = Config::preset("wf-stage1").unwrap();
        let said = check_portable(&config).unwrap_err().to_string();
        assert!(
            said.contains("an adversarial loss and a perceptual loss"),
            "{said}"
        );
    }
}
