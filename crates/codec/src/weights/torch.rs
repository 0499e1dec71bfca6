//! Files of `torch.save`, training checkpoints among them.
//!
//! Nothing is chosen or filled in silently. Source: spec/wfvae.md 10, spec/leanvae.md.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use safetensors::tensor::{Dtype, TensorView};
use torchfile::{Tensor, TorchFile};

use super::names;

/// Names of the reference's Haar constants, which are no weights.
const HAAR: [&str; 2] = ["wavelet_transform", "temporal_processor."];

type Tensors = BTreeMap<String, Tensor>;

/// Which weights of a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The running average.
    Ema,
    /// The last step's.
    Plain,
}

/// The weights of a file as safetensors.
pub(super) fn read(bytes: &[u8], which: Option<Which>, notes: &mut Vec<String>) -> Result<Vec<u8>> {
    to_safetensors(&tensors(bytes, which, notes)?)
}

fn tensors(bytes: &[u8], which: Option<Which>, notes: &mut Vec<String>) -> Result<Tensors> {
    let file = TorchFile::read(bytes)?;
    let dicts = file.dicts();
    ensure!(!dicts.is_empty(), "it holds no tensors");
    for (place, count) in &dicts {
        notes.push(format!("{}: {count} tensors", named(place)));
    }
    let plain = ["state_dict.gen_model", "state_dict", ""];
    let plain = plain.into_iter().find(|place| dicts.contains_key(*place));
    let ema = dicts.keys().find(|place| place.contains("ema"));
    let chosen = match (which, plain, ema) {
        (None, Some(_), Some(_)) => bail!(
            "it holds averaged weights (EMA) and plain ones; take over one of them with \
             `trainer import` and --weights ema or --weights plain"
        ),
        (Some(Which::Ema) | None, _, Some(ema)) => ema.as_str(),
        (Some(Which::Plain) | None, Some(plain), _) => plain,
        (Some(Which::Ema), _, None) => bail!("it holds no averaged weights (EMA)"),
        (_, None, _) => bail!("it holds no weights where the references keep them"),
    };
    notes.push(format!("taken: {}", named(chosen)));
    let mut tensors = renamed(file.tensors(chosen)?, notes);
    if let (true, Some(plain)) = (ema.is_some_and(|ema| ema == chosen), plain) {
        let plain_ones = renamed(file.tensors(plain)?, notes);
        complete(&mut tensors, plain_ones, plain, notes);
    }
    Ok(tensors)
}

/// What was frozen in training is not averaged: it is the same in the plain weights.
fn complete(tensors: &mut Tensors, plain: Tensors, place: &str, notes: &mut Vec<String>) {
    let missing = plain
        .into_iter()
        .filter(|(name, _)| !tensors.contains_key(name));
    let missing: Tensors = missing.filter(|(name, _)| !is_haar(name)).collect();
    if let Some(first) = missing.keys().next() {
        notes.push(format!(
            "{} tensors that are not averaged, taken from {}: {first}, ...",
            missing.len(),
            named(place)
        ));
    }
    tensors.extend(missing);
}

/// The autoencoder's tensors under their plain names.
fn renamed(mut tensors: Tensors, notes: &mut Vec<String>) -> Tensors {
    let all = tensors.keys().map(String::as_str).collect();
    let Some(plain) = names::plain(all, notes) else {
        return tensors;
    };
    let own = plain.into_iter();
    own.filter_map(|(old, new)| Some((new, tensors.remove(&old)?)))
        .collect()
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

    const CHECKPOINT: &[u8] =
        include_bytes!("../../../../tests/fixtures/torchfile/checkpoint.ckpt");

    #[test]
    fn the_choice_between_average_and_plain_weights_must_be_made() {
        let error = tensors(CHECKPOINT, None, &mut Vec::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("--weights ema"), "{error}");
        let plain = tensors(CHECKPOINT, Some(Which::Plain), &mut Vec::new()).unwrap();
        assert_eq!(plain.len(), 4);
        assert_eq!(plain["decoder.conv_out.bias"].values, [0.5, -0.5, 0.25]);
    }

    #[test]
    fn an_average_is_completed_by_what_was_frozen() {
        let ema = tensors(CHECKPOINT, Some(Which::Ema), &mut Vec::new()).unwrap();
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
