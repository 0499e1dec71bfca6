//! Which model a weight file is of, by the names and shapes of its tensors.

use safetensors::SafeTensors;

use crate::backbones::BackboneConfig;
use crate::config::ModelConfig;
use crate::file_shapes::{CONFIG, FileShapes};
use crate::weights::WeightsError;

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
