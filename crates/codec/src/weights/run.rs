//! A training run's checkpoint, of which the averaged weights are a model.

use safetensors::SafeTensors;
use safetensors::tensor::Metadata;
use serde_json::Value;

/// The safetensors file with the averaged weights that a checkpoint holds, and the steps behind
/// them; `None` for any other file.
pub(super) fn average(file: &SafeTensors<'_>, metadata: &Metadata) -> Option<(Vec<u8>, u64)> {
    let header = metadata.metadata().as_ref()?.get("header")?;
    let header: Value = serde_json::from_str(header).ok()?;
    let step = header.pointer("/progress/step")?.as_u64()?;
    Some((file.tensor("average").ok()?.data().to_vec(), step))
}
