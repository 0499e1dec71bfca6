//! One reader for the weights of a model, whatever they come in.
//!
//! Files of `torch.save` and of safetensors, in one piece or in several with an index, a run's
//! checkpoints (their averaged weights); with or without what training or a larger model puts in
//! front of the names. What comes out is a safetensors file under the references' names, of finite
//! numbers, and a list of what was done.

mod finite;
mod names;
mod pieces;
mod run;
mod sniff;
mod torch;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use safetensors::SafeTensors;
use torchfile::TorchFile;

pub use finite::check_finite;
pub(crate) use pieces::index_in;
pub use torch::Which;

/// Weights as a safetensors file under the references' names.
pub struct Weights {
    /// The file.
    pub bytes: Vec<u8>,
    /// What was found, taken, renamed and left out, a line each.
    pub notes: Vec<String>,
}

/// Reads a file of weights; `which` says which ones of a training checkpoint that has several.
///
/// # Errors
/// If the file cannot be read, is none of weights, leaves a choice open, or holds numbers that are
/// not finite.
pub fn read_weights(path: &Path, which: Option<Which>) -> Result<Weights> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let unusable = || format!("{} cannot be used", path.display());
    sniff::refuse_what_is_none(&bytes).with_context(unusable)?;
    let mut notes = Vec::new();
    let bytes = if TorchFile::begins(&bytes) {
        torch::read(&bytes, which, &mut notes)
    } else if pieces::is_index(path) {
        pieces::read(path, &bytes, &mut notes)
    } else {
        of_safetensors(bytes, &mut notes)
    };
    let bytes = bytes.with_context(unusable)?;
    check_finite(&bytes).with_context(unusable)?;
    Ok(Weights { bytes, notes })
}

fn of_safetensors(bytes: Vec<u8>, notes: &mut Vec<String>) -> Result<Vec<u8>> {
    let (_, metadata) = SafeTensors::read_metadata(&bytes)
        .context("it is neither a file of torch.save nor of safetensors")?;
    let file = SafeTensors::deserialize(&bytes)
        .context("it is damaged or cut short; copy or download it again")?;
    if let Some((average, step)) = run::average(&file, &metadata) {
        notes.push(format!("the averaged weights after step {step}"));
        return Ok(average);
    }
    notes.push("safetensors".to_owned());
    match names::plain(file.names(), notes) {
        None => Ok(bytes),
        Some(plain) => {
            let views = plain.iter().map(|(old, new)| Ok((new, file.tensor(old)?)));
            let views = views.collect::<Result<Vec<_>>>()?;
            let metadata = metadata.metadata().clone();
            Ok(safetensors::serialize(views, metadata)?)
        }
    }
}
