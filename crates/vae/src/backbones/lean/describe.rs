//! What LeanVAE says of itself.

use serde_json::Value;

use super::bottleneck::is_scalar;
use super::config::LeanConfig;
use crate::backbones::describe::{Describe, Family};
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::shared::Defaults;
use crate::work::{Grid, Work};

impl Family for LeanConfig {
    const NAME: &'static str = "LeanVAE";
    const CLASSES: &'static [&'static str] = &[Self::CLASS];

    fn read(_class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        Ok((Self::read(text)?, Self::DEFAULTS))
    }

    fn recognise(file: &FileShapes) -> Option<Value> {
        Self::recognise(file)
    }
}

impl Describe for LeanConfig {
    fn family(&self) -> &'static str {
        Self::NAME
    }

    fn class_name(&self) -> &'static str {
        Self::CLASS
    }

    fn to_json(&self) -> Value {
        self.to_json()
    }

    fn base_channels(&self) -> usize {
        self.base_channels()
    }

    fn work(&self, name: &str, clip: Grid) -> Work {
        self.work(name, clip)
    }

    fn is_scalar(&self, name: &str) -> bool {
        is_scalar(name)
    }
}
