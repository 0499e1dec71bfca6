//! The backbones: the one place that knows them all.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde_json::Value;

use crate::autoencoder::{Decoding, Encoding};
use crate::config::{ConfigError, Defaults, ModelConfig};
use crate::lean::{Lean, LeanConfig};
use crate::pass::{Pass, TemporalRule};
use crate::wf::{LastLayer, Wf, WfConfig};

/// A backbone's part of a config.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BackboneConfig {
    Wf(WfConfig),
    Lean(LeanConfig),
}

/// A backbone with its weights.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few models at a time, and each holds megabytes elsewhere"
)]
pub(crate) enum Backbone {
    Wf(Wf),
    Lean(Lean),
}

impl BackboneConfig {
    /// Every `_class_name` of the references' JSON.
    pub(crate) const CLASSES: [&str; 3] =
        [LeanConfig::CLASS, WfConfig::WF_CLASS, WfConfig::LC_CLASS];

    /// The backbone of a class, from the whole JSON, and what else the class takes for granted.
    pub(crate) fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        let wf = |rule| {
            let (config, defaults) = WfConfig::read(text, rule)?;
            Ok((Self::Wf(config), defaults))
        };
        match class {
            WfConfig::WF_CLASS => wf(TemporalRule::Causal),
            WfConfig::LC_CLASS => wf(TemporalRule::Symmetric),
            LeanConfig::CLASS => Ok((Self::Lean(LeanConfig::read(text)?), LeanConfig::DEFAULTS)),
            other => Err(ConfigError::UnknownClass {
                found: other.to_owned(),
            }),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Wf(config) => config.to_json(),
            Self::Lean(config) => config.to_json(),
        }
    }

    pub(crate) fn class_name(&self) -> &'static str {
        match self {
            Self::Wf(config) => config.class_name(),
            Self::Lean(_) => LeanConfig::CLASS,
        }
    }

    pub(crate) fn base_channels(&self) -> usize {
        match self {
            Self::Wf(config) => config.base_channels,
            Self::Lean(config) => config.base_channels(),
        }
    }

    pub(crate) fn frames_per_latent(&self) -> usize {
        match self {
            Self::Wf(config) => config.frames_per_latent(),
            Self::Lean(_) => LeanConfig::FRAMES_PER_LATENT,
        }
    }

    pub(crate) fn temporal_rule(&self) -> TemporalRule {
        match self {
            Self::Wf(config) => config.rule,
            Self::Lean(_) => TemporalRule::Causal,
        }
    }

    /// Whether [`Backbone::decode_with_last_layer`] gives one.
    pub(crate) fn has_last_layer(&self) -> bool {
        matches!(self, Self::Wf(_))
    }

    /// Whether a chunk of a decoder stream looks at the latent behind it.
    pub(crate) fn looks_ahead(&self) -> bool {
        matches!(self, Self::Wf(_))
    }
}

impl Backbone {
    pub(crate) fn new(config: &ModelConfig, device: &Device) -> Self {
        let shared = &config.shared;
        match &config.backbone {
            BackboneConfig::Wf(config) => Self::Wf(Wf::new(shared, config, device)),
            BackboneConfig::Lean(config) => Self::Lean(Lean::new(shared, config, device)),
        }
    }

    pub(crate) fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        match self {
            Self::Wf(model) => model.encode(clip, pass),
            Self::Lean(model) => Encoding {
                posterior: model.encode(clip, pass),
                wavelets: None,
            },
        }
    }

    pub(crate) fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        match self {
            Self::Wf(model) => model.decode(latent, pass),
            Self::Lean(model) => Decoding {
                sample: model.decode(latent, pass),
                wavelets: None,
            },
        }
    }

    pub(crate) fn decode_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Decoding, Option<LastLayer>) {
        match self {
            Self::Wf(model) => {
                let (decoding, last) = model.decode_with_last_layer(latent, pass);
                (decoding, Some(last))
            }
            other => (other.decode(latent, pass), None),
        }
    }
}
