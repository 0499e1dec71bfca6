//! What WF-VAE and LC-VAE say of themselves.

use serde_json::Value;
use wavelet::Constants;

use super::config::WfConfig;
use crate::backbones::describe::{Describe, Family};
use crate::compressed::CompressedFrames;
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::haar_tensors::HaarTensors;
use crate::pass::TemporalRule;
use crate::shared::Defaults;
use crate::work::{Grid, Work};

impl Family for WfConfig {
    const NAME: &'static str = "WF-VAE or LC-VAE";
    const CLASSES: &'static [&'static str] = &[Self::WF_CLASS, Self::LC_CLASS];

    fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        let rule = if class == Self::LC_CLASS {
            TemporalRule::Symmetric
        } else {
            TemporalRule::Causal
        };
        Self::read(text, rule)
    }

    fn recognise(file: &FileShapes) -> Option<Value> {
        Self::recognise(file)
    }
}

impl Describe for WfConfig {
    fn family(&self) -> &'static str {
        Self::NAME
    }

    fn class_name(&self) -> &'static str {
        match self.rule {
            TemporalRule::Causal => Self::WF_CLASS,
            TemporalRule::Symmetric => Self::LC_CLASS,
        }
    }

    fn to_json(&self) -> Value {
        self.to_json()
    }

    fn default_compressed(&self) -> CompressedFrames {
        self.compressed()
    }

    fn attends(&self) -> bool {
        self.use_attention
    }

    fn base_channels(&self) -> usize {
        self.base_channels
    }

    fn frames_per_latent(&self) -> usize {
        if self.temporal_level1 { 8 } else { 4 }
    }

    fn temporal_rule(&self) -> TemporalRule {
        self.rule
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn has_last_layer(&self) -> bool {
        true
    }

    fn work(&self, name: &str, clip: Grid) -> Work {
        self.work(name, clip)
    }

    fn haar_tensors(&self, constants: Constants) -> HaarTensors {
        self.haar_tensors(constants)
    }
}
