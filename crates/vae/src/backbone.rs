//! The backbones: the one place that knows them all.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde_json::Value;
use wavelet::Constants;

use crate::autoencoder::{Decoding, Encoding};
use crate::compressed::CompressedFrames;
use crate::config::{ConfigError, Defaults, ModelConfig};
use crate::cost::{Grid, Work};
use crate::haar_tensors::HaarTensors;
use crate::iv::{Iv, IvConfig};
use crate::lean::{self, Lean, LeanConfig};
use crate::pass::{Pass, TemporalRule};
use crate::posterior::Posterior;
use crate::recognise::FileShapes;
use crate::wan::{Wan, WanClass, WanConfig, diffusers_name, is_diffusers};
use crate::wf::{LastLayer, Wf, WfConfig};

/// A backbone's part of a config.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BackboneConfig {
    Wf(WfConfig),
    Lean(LeanConfig),
    Wan(WanConfig),
    Iv(IvConfig),
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
    Wan(Wan),
    Iv(Iv),
}

impl BackboneConfig {
    /// Every `_class_name` of the references' JSON.
    pub(crate) const CLASSES: [&str; 7] = [
        IvConfig::CLASS,
        LeanConfig::CLASS,
        WanConfig::CLASSES[0],
        WanConfig::CLASSES[1],
        WanConfig::CLASSES[2],
        WfConfig::WF_CLASS,
        WfConfig::LC_CLASS,
    ];

    /// The backbone of a class, from the whole JSON, and what else the class takes for granted.
    pub(crate) fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
        let wf = |rule| {
            let (config, defaults) = WfConfig::read(text, rule)?;
            Ok((Self::Wf(config), defaults))
        };
        match class {
            WfConfig::WF_CLASS => wf(TemporalRule::Causal),
            WfConfig::LC_CLASS => wf(TemporalRule::Symmetric),
            IvConfig::CLASS => Ok((Self::Iv(IvConfig::read(text)?), IvConfig::DEFAULTS)),
            LeanConfig::CLASS => Ok((Self::Lean(LeanConfig::read(text)?), LeanConfig::DEFAULTS)),
            other => match WanConfig::read(other, text) {
                Some(read) => read.map(|(config, defaults)| (Self::Wan(config), defaults)),
                None => Err(ConfigError::UnknownClass {
                    found: other.to_owned(),
                }),
            },
        }
    }

    /// The family of a weight file, and a config that suits it.
    pub(crate) fn recognise(file: &FileShapes) -> Option<(&'static str, Value)> {
        let known = |family, found: Option<Value>| found.map(|json| (family, json));
        known(LeanConfig::FAMILY, LeanConfig::recognise(file))
            .or_else(|| known(IvConfig::FAMILY, IvConfig::recognise(file)))
            .or_else(|| known(WanConfig::FAMILY, WanConfig::recognise(file)))
            .or_else(|| known(WfConfig::FAMILY, WfConfig::recognise(file)))
    }

    /// What models with this network are called.
    pub(crate) fn family(&self) -> &'static str {
        match self {
            Self::Wf(_) => WfConfig::FAMILY,
            Self::Lean(_) => LeanConfig::FAMILY,
            Self::Wan(_) => WanConfig::FAMILY,
            Self::Iv(_) => IvConfig::FAMILY,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Wf(config) => config.to_json(),
            Self::Lean(config) => config.to_json(),
            Self::Wan(config) => config.to_json(),
            Self::Iv(config) => config.to_json(),
        }
    }

    pub(crate) fn class_name(&self) -> &'static str {
        match self {
            Self::Wf(config) => config.class_name(),
            Self::Lean(_) => LeanConfig::CLASS,
            Self::Wan(config) => config.class.name(),
            Self::Iv(_) => IvConfig::CLASS,
        }
    }

    /// What the JSON calls the number of latent channels.
    pub(crate) fn channels_field(&self) -> &'static str {
        match self {
            Self::Wf(_) | Self::Lean(_) => "latent_dim",
            Self::Wan(config) => config.channels_field(),
            Self::Iv(_) => "z_dim",
        }
    }

    /// Which latent frames are compressed unless the config says otherwise.
    pub(crate) fn default_compressed(&self) -> CompressedFrames {
        match self {
            Self::Wf(config) => config.compressed(),
            Self::Lean(_) => LeanConfig::DEFAULTS.compressed,
            Self::Wan(config) => config.class.compressed(),
            Self::Iv(_) => IvConfig::DEFAULTS.compressed,
        }
    }

    pub(crate) fn attends(&self) -> bool {
        match self {
            Self::Wf(config) => config.use_attention,
            Self::Lean(_) => false,
            Self::Wan(_) | Self::Iv(_) => true,
        }
    }

    pub(crate) fn base_channels(&self) -> usize {
        match self {
            Self::Wf(config) => config.base_channels,
            Self::Lean(config) => config.base_channels(),
            Self::Wan(config) => config.base_channels(),
            Self::Iv(config) => config.base_channels(),
        }
    }

    pub(crate) fn frames_per_latent(&self) -> usize {
        match self {
            Self::Wf(config) => config.frames_per_latent(),
            Self::Lean(_) => LeanConfig::FRAMES_PER_LATENT,
            Self::Wan(config) => config.frames_per_latent(),
            Self::Iv(_) => IvConfig::FRAMES_PER_LATENT,
        }
    }

    pub(crate) fn temporal_rule(&self) -> TemporalRule {
        match self {
            Self::Wf(config) => config.rule,
            Self::Lean(_) | Self::Wan(_) | Self::Iv(_) => TemporalRule::Causal,
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

    /// Latent frames to a chunk of a stream where the caller does not choose: backbones that are
    /// wide at full resolution take one, as their references do, the others 16 clip frames.
    pub(crate) fn default_chunk(&self) -> usize {
        match self {
            Self::Wf(_) | Self::Lean(_) => 4,
            Self::Wan(_) | Self::Iv(_) => 1,
        }
    }

    /// Where the layer with a weight of this name works.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        match self {
            Self::Wf(config) => config.work(name, clip),
            Self::Lean(config) => config.work(name, clip),
            Self::Wan(config) => config.work(name, clip),
            Self::Iv(config) => config.work(name, clip),
        }
    }

    /// The Haar constants that the reference keeps in its weight files.
    pub(crate) fn haar_tensors(&self, constants: Constants) -> HaarTensors {
        match self {
            Self::Wf(config) => config.haar_tensors(constants),
            Self::Wan(config) => config.haar_tensors(constants),
            Self::Lean(_) | Self::Iv(_) => HaarTensors::default(),
        }
    }

    /// Whether the reference keeps the parameter of this name as a number without an axis.
    pub(crate) fn is_scalar(&self, name: &str) -> bool {
        matches!(self, Self::Lean(_)) && lean::is_scalar(name)
    }

    /// Whether a weight file with these tensors has the names of the diffusers library.
    pub(crate) fn reads_diffusers<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        matches!(self, Self::Wan(_)) && is_diffusers(names)
    }

    /// Whether weight files are written with the tensor names of the diffusers library.
    pub(crate) fn writes_diffusers(&self) -> bool {
        matches!(self, Self::Wan(config) if config.class == WanClass::Diffusers)
    }

    /// The name in weight files of the tensor with this name in the model.
    pub(crate) fn file_name(&self, name: String, diffusers: bool) -> String {
        match self {
            Self::Wan(config) if diffusers => {
                diffusers_name(&name, config.blocks_per_decoder_stage())
            }
            _ => name,
        }
    }
}

impl Backbone {
    pub(crate) fn new(config: &ModelConfig, device: &Device) -> Self {
        let shared = &config.shared;
        match &config.backbone {
            BackboneConfig::Wf(config) => Self::Wf(Wf::new(shared, config, device)),
            BackboneConfig::Lean(config) => Self::Lean(Lean::new(shared, config, device)),
            BackboneConfig::Wan(config) => Self::Wan(Wan::new(shared, config, device)),
            BackboneConfig::Iv(config) => Self::Iv(Iv::new(shared, config, device)),
        }
    }

    pub(crate) fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        match self {
            Self::Wf(model) => model.encode(clip, pass),
            Self::Lean(model) => model.encode(clip, pass).into(),
            Self::Wan(model) => model.encode(clip, pass).into(),
            Self::Iv(model) => model.encode(clip, pass).into(),
        }
    }

    pub(crate) fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        match self {
            Self::Wf(model) => model.decode(latent, pass),
            Self::Lean(model) => model.decode(latent, pass).into(),
            Self::Wan(model) => model.decode(latent, pass).into(),
            Self::Iv(model) => model.decode(latent, pass).into(),
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

/// Of a model without a WL loss.
impl From<Posterior> for Encoding {
    fn from(posterior: Posterior) -> Self {
        Self {
            posterior,
            wavelets: None,
        }
    }
}

/// Of a model without a WL loss.
impl From<Tensor<5>> for Decoding {
    fn from(sample: Tensor<5>) -> Self {
        Self {
            sample,
            wavelets: None,
        }
    }
}
