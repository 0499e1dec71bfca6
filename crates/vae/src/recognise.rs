//! Which model a weight file is of, by the names and shapes of its tensors.

use std::collections::BTreeMap;

use safetensors::SafeTensors;

use crate::backbone::BackboneConfig;
use crate::config::ModelConfig;
use crate::weights::WeightsError;

/// Where our own files keep their config.
pub(crate) const CONFIG: &str = "config";

/// Names and shapes of the tensors of a file.
pub(crate) struct FileShapes(BTreeMap<String, Vec<usize>>);

impl FileShapes {
    pub(crate) fn of(file: &SafeTensors<'_>) -> Self {
        let tensors = file.iter();
        Self(
            tensors
                .map(|(name, view)| (name.to_owned(), view.shape().to_vec()))
                .collect(),
        )
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether any name starts so.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let from = self.0.range(prefix.to_owned()..);
        from.map(|(name, _)| name)
            .next()
            .is_some_and(|name| name.starts_with(prefix))
    }

    /// Size of a tensor along an axis.
    pub(crate) fn size(&self, name: &str, axis: usize) -> Option<usize> {
        self.0.get(name)?.get(axis).copied()
    }

    /// Members of the numbered list of this name.
    pub(crate) fn count(&self, list: &str) -> usize {
        (0..)
            .take_while(|i| self.has_prefix(&format!("{list}.{i}.")))
            .count()
    }
}

impl ModelConfig {
    /// The config of a weight file: the one that our own files carry, or else what the names and
    /// shapes of the tensors say.
    ///
    /// Names and shapes do not show everything. What they leave open is as in the published models:
    /// trilinear up-sampling for WF-VAE and LC-VAE, the published statistics, scales and shifts for
    /// Wan and IV-VAE, the default mask.
    ///
    /// # Errors
    /// If the file is damaged or of no supported model.
    pub fn of_weights(weights: &[u8]) -> Result<Self, WeightsError> {
        let (_, metadata) = SafeTensors::read_metadata(weights)?;
        let own = metadata.metadata().as_ref().and_then(|map| map.get(CONFIG));
        if let Some(text) = own {
            return Ok(Self::from_json(text)?);
        }
        let file = FileShapes::of(&SafeTensors::deserialize(weights)?);
        let (_, found) = BackboneConfig::recognise(&file).ok_or(WeightsError::Unrecognised)?;
        Ok(Self::from_json(&found.to_string())?)
    }
}
