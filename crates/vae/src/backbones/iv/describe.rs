//! What IV-VAE says of itself.

use serde_json::Value;

use super::config::IvConfig;
use crate::backbones::describe::{Describe, Family};
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::shared::Defaults;
use crate::work::{Grid, Work};

impl Family for IvConfig {
    const NAME: &'static str = "IV-VAE";
    const CLASSES: &'static [&'static str] = &[Self::CLASS];

    fn read(_class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        Ok((Self::read(text)?, Self::DEFAULTS))
    }

    fn recognise(file: &FileShapes) -> Option<Value> {
        Self::recognise(file)
    }
}

impl Describe for IvConfig {
    fn family(&self) -> &'static str {
        Self::NAME
    }

    fn class_name(&self) -> &'static str {
        Self::CLASS
    }

    fn to_json(&self) -> Value {
        self.to_json()
    }

    fn channels_field(&self) -> &'static str {
        "z_dim"
    }

    fn attends(&self) -> bool {
        true
    }

    fn base_channels(&self) -> usize {
        self.base_channels()
    }

    fn default_chunk(&self) -> usize {
        1
    }

    fn work(&self, name: &str, clip: Grid) -> Work {
        self.work(name, clip)
    }
}
