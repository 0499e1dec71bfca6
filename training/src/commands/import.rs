//! `import`: weights of the references' training or release files, as a model folder.
//!
//! Nothing is chosen or filled in silently: what the file holds, what was taken, renamed and made
//! is printed. Source: spec/wfvae.md 10 (checkpoints), spec/leanvae.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use files::write_whole;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use torchfile::{Number, Tensor, TorchFile};
use vae::{Autoencoder, ModelConfig, WeightFormat, WeightsError};
use wavelet::Constants;

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// A file of the references: a checkpoint (.ckpt, .pth, .pt) or weights (.safetensors).
    pub(crate) file: PathBuf,
    /// The model's config, the reference's own JSON; without it, names and shapes of the weights
    /// tell the model.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The folder to write config.json and model.safetensors to.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    /// Which weights of a checkpoint that holds both.
    #[arg(long, value_enum)]
    pub(crate) weights: Option<Which>,
}

/// Which weights of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The running average.
    Ema,
    /// The last step's.
    Plain,
}

/// What data-parallel training and LeanVAE's own put in front of every name.
const PREFIXES: [&str; 2] = ["module.", "autoencoder."];
/// Networks of LeanVAE's training that its checkpoints hold beside the autoencoder.
const OTHERS: [&str; 2] = ["perceptual_model.", "gan_loss."];
/// Names of the reference's Haar constants, which are no weights.
const HAAR: [&str; 2] = ["wavelet_transform", "temporal_processor."];

type Tensors = BTreeMap<String, Tensor>;

/// Runs `import`.
///
/// # Errors
/// If a file cannot be read, it is not said which of its weights are wanted, or they do not fit the
/// config.
pub(crate) fn import(args: &ImportArgs) -> Result<()> {
    let shown = args.file.display();
    let config = args.config.as_deref().map(read_config).transpose()?;
    let bytes = fs::read(&args.file).with_context(|| format!("{shown} cannot be read"))?;
    let chosen = if TorchFile::begins(&bytes) {
        from_torch(&bytes, args.weights).with_context(|| format!("{shown} cannot be used"))?
    } else {
        say!("{shown}: safetensors");
        of_the_model(from_safetensors(&bytes).with_context(|| format!("{shown} cannot be used"))?)
    };
    let haar = chosen.keys().filter(|name| is_haar(name)).count();
    match haar {
        0 => say!("no Haar constants in it: made from the config"),
        count => say!("{count} Haar constants in it: compared with the config's"),
    }
    let weights = to_safetensors(&chosen)?;
    let config = match config {
        Some(config) => config,
        None => recognised(&weights).with_context(|| shown.to_string())?,
    };
    let model = Autoencoder::load(&config, &weights, &Device::flex())
        .inspect_err(list_misfits)
        .with_context(|| shown.to_string())?;
    say!(
        "mask: {}; Haar constants: {}",
        config.mask().label(),
        match config.constants() {
            Constants::Exact => "exact",
            Constants::Reference => "the references', rounded",
        }
    );
    let folder = &args.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let weights = model.to_safetensors(WeightFormat::F32, &[])?;
    write_whole(&folder.join(codec::WEIGHTS), &weights)?;
    write_whole(&folder.join(codec::CONFIG), config.to_json().as_bytes())?;
    say!(
        "{} tensors written to {}",
        chosen.len() - haar,
        folder.display()
    );
    Ok(())
}

fn read_config(path: &Path) -> Result<ModelConfig> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).with_context(|| format!("the config {shown} cannot be read"))?;
    ModelConfig::from_json(&text).with_context(|| shown.to_string())
}

fn recognised(weights: &[u8]) -> Result<ModelConfig> {
    let config = ModelConfig::of_weights(weights)?;
    say!(
        "no config given; names and shapes are those of this one, as far as they tell:\n{}",
        config.to_json().trim_end()
    );
    Ok(config)
}

/// The error itself names the first few only.
fn list_misfits(error: &WeightsError) {
    if let WeightsError::Misfit(differences) = error {
        for difference in differences {
            say!("{difference}");
        }
    }
}

/// The weights of a file of `torch.save`.
fn from_torch(bytes: &[u8], which: Option<Which>) -> Result<Tensors> {
    let file = TorchFile::read(bytes)?;
    let dicts = file.dicts();
    ensure!(!dicts.is_empty(), "it holds no tensors");
    for (place, count) in &dicts {
        say!("{}: {count} tensors", named(place));
    }
    let plain = ["state_dict.gen_model", "state_dict", ""];
    let plain = plain.into_iter().find(|place| dicts.contains_key(*place));
    let ema = dicts.keys().find(|place| place.contains("ema"));
    let chosen = match (which, plain, ema) {
        (None, Some(_), Some(_)) => bail!(
            "it holds averaged weights (EMA) and plain ones; choose with --weights ema or \
             --weights plain"
        ),
        (Some(Which::Ema) | None, _, Some(ema)) => ema.as_str(),
        (Some(Which::Plain) | None, Some(plain), _) => plain,
        (Some(Which::Ema), _, None) => bail!("it holds no averaged weights (EMA)"),
        (_, None, _) => bail!("it holds no weights where the references keep them"),
    };
    say!("taken: {}", named(chosen));
    let mut tensors = of_the_model(file.tensors(chosen)?);
    if let (true, Some(plain)) = (ema.is_some_and(|ema| ema == chosen), plain) {
        complete(&mut tensors, of_the_model(file.tensors(plain)?), plain);
    }
    Ok(tensors)
}

/// What was frozen in training is not averaged: it is the same in the plain weights.
fn complete(tensors: &mut Tensors, plain: Tensors, place: &str) {
    let missing = plain
        .into_iter()
        .filter(|(name, _)| !tensors.contains_key(name));
    let missing: Tensors = missing.filter(|(name, _)| !is_haar(name)).collect();
    if let Some(first) = missing.keys().next() {
        say!(
            "{} tensors that are not averaged, taken from {}: {first}, ...",
            missing.len(),
            named(place)
        );
    }
    tensors.extend(missing);
}

fn named(place: &str) -> &str {
    if place.is_empty() {
        "the file itself"
    } else {
        place
    }
}

fn is_haar(name: &str) -> bool {
    HAAR.iter().any(|part| name.contains(part))
}

/// The autoencoder's tensors, without what training puts in front of their names.
fn of_the_model(mut tensors: Tensors) -> Tensors {
    for prefix in PREFIXES {
        let with = tensors.keys().filter(|name| name.starts_with(prefix));
        let with = with.count();
        if with > 0 {
            say!("{with} names begin with {prefix}: taken off");
        }
        let renamed = tensors.into_iter().map(|(name, tensor)| {
            let short = name.strip_prefix(prefix).map(str::to_owned);
            (short.unwrap_or(name), tensor)
        });
        tensors = renamed.collect();
    }
    for other in OTHERS {
        let all = tensors.len();
        tensors.retain(|name, _| !name.starts_with(other));
        if tensors.len() < all {
            say!("{} tensors of {other}*: left out", all - tensors.len());
        }
    }
    tensors
}

fn from_safetensors(bytes: &[u8]) -> Result<Tensors> {
    let file = SafeTensors::deserialize(bytes)
        .context("it is neither a file of torch.save nor of safetensors")?;
    let tensor = |(name, view): (&str, TensorView<'_>)| {
        let number = match view.dtype() {
            Dtype::F32 => Number::F32,
            Dtype::F64 => Number::F64,
            Dtype::F16 => Number::F16,
            Dtype::BF16 => Number::Bf16,
            other => bail!("the tensor {name} holds {other:?}, not floating-point numbers"),
        };
        let tensor = Tensor {
            shape: view.shape().to_vec(),
            values: number.values(view.data()),
        };
        Ok((name.to_owned(), tensor))
    };
    file.iter().map(tensor).collect()
}

fn to_safetensors(tensors: &Tensors) -> Result<Vec<u8>> {
    let bytes = tensors.iter().map(|(name, tensor)| {
        let data: Vec<u8> = tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect();
        (name, &tensor.shape, data)
    });
    let bytes: Vec<_> = bytes.collect();
    let views = bytes
        .iter()
        .map(|(name, shape, data)| Ok((name, TensorView::new(Dtype::F32, shape.to_vec(), data)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKPOINT: &[u8] = include_bytes!("../../../tests/fixtures/torchfile/checkpoint.ckpt");

    #[test]
    fn the_choice_between_average_and_plain_weights_must_be_made() {
        let error = from_torch(CHECKPOINT, None).unwrap_err().to_string();
        assert!(error.contains("--weights ema"), "{error}");
        let plain = from_torch(CHECKPOINT, Some(Which::Plain)).unwrap();
        assert_eq!(plain.len(), 4);
        assert_eq!(plain["decoder.conv_out.bias"].values, [0.5, -0.5, 0.25]);
    }

    #[test]
    fn an_average_is_completed_by_what_was_frozen() {
        let ema = from_torch(CHECKPOINT, Some(Which::Ema)).unwrap();
        let names: Vec<&str> = ema.keys().map(String::as_str).collect();
        let expected = [
            "decoder.conv_out.bias",
            "decoder.conv_out.weight",
            "encoder.conv_in.weight",
        ];
        assert_eq!(names, expected, "without prefix, without Haar constants");
        assert_eq!(
            ema["decoder.conv_out.bias"].values,
            [1.0, 2.0, 3.0],
            "averaged"
        );
        assert_eq!(ema["encoder.conv_in.weight"].values[5], 5.0, "frozen");
    }
}
