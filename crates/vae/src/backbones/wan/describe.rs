//! What the Wan 2.1 VAE says of itself.

use serde_json::Value;
use wavelet::Constants;

use super::config::{WanClass, WanConfig};
use super::names;
use crate::backbones::describe::{Describe, Family};
use crate::compressed::CompressedFrames;
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::haar_tensors::HaarTensors;
use crate::shared::Defaults;
use crate::work::{Grid, Work};

impl Family for WanConfig {
    const NAME: &'static str = "the Wan 2.1 VAE";
    const CLASSES: &'static [&'static str] = &WanClass::NAMES;

    fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        Self::read(WanClass::of(class), text)
    }

    fn recognise(file: &FileShapes) -> Option<Value> {
        Self::recognise(file)
    }
}

impl Describe for WanConfig {
    fn family(&self) -> &'static str {
        Self::NAME
    }

    fn class_name(&self) -> &'static str {
        self.class.name()
    }

    fn to_json(&self) -> Value {
        self.to_json()
    }

    fn channels_field(&self) -> &'static str {
        match self.class {
            WanClass::Original | WanClass::Diffusers => "z_dim",
            WanClass::MultiWavelet => "z_channels",
        }
    }

    fn default_compressed(&self) -> CompressedFrames {
        self.class.compressed()
    }

    fn attends(&self) -> bool {
        true
    }

    fn base_channels(&self) -> usize {
        self.base_channels()
    }

    fn frames_per_latent(&self) -> usize {
        self.frames_per_latent()
    }

    fn default_chunk(&self) -> usize {
        1
    }

    fn work(&self, name: &str, clip: Grid) -> Work {
        self.work(name, clip)
    }

    /// LC-VAE's authors' form has the latent transform in the model.
    fn haar_tensors(&self, constants: Constants) -> HaarTensors {
        let mut tensors = HaarTensors::default();
        if self.class == WanClass::MultiWavelet {
            tensors.temporal_processor(constants);
        }
        tensors
    }

    fn reads_diffusers(&self, tensors: &[&str]) -> bool {
        tensors.contains(&names::ONLY_IN_DIFFUSERS)
    }

    fn writes_diffusers(&self) -> bool {
        self.class == WanClass::Diffusers
    }

    fn diffusers_name(&self, name: &str) -> String {
        names::in_diffusers(name, self.blocks_per_decoder_stage())
    }
}
