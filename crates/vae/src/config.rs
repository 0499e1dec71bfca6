//! Model configs, read from the references' own JSON.

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use crate::blocks::{AttentionKind, Interpolation, NormKind};
use crate::frames::FrameRule;
use crate::pass::TemporalRule;
use crate::wf::Haar;

/// Which reference class a config is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelClass {
    WfVae,
    LcVae,
}

impl ModelClass {
    const ALL: [Self; 2] = [Self::WfVae, Self::LcVae];

    /// The `_class_name` of the reference's JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WfVae => "WFVAEModel",
            Self::LcVae => "WVAE_Compressed_TopK_multi_wavelet",
        }
    }
}

/// A model's config.
///
/// Missing fields take the reference constructors' defaults. Two fields are ours: `"mask"` (see
/// [`MaskChoice`]; default `"paper50"` for LC-VAE, `"none"` for WF-VAE) and `"constants"` (default
/// exact for LC-VAE, whose weights are all our own, and `"reference"` for WF-VAE, whose published
/// weights were trained with the rounded taps). Source: spec/wfvae.md 1, spec/lcvae.md 2.5.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelConfig {
    pub(crate) class: ModelClass,
    pub(crate) latent_dim: usize,
    pub(crate) base_channels: usize,
    pub(crate) encoder_num_resblocks: usize,
    pub(crate) decoder_num_resblocks: usize,
    pub(crate) encoder_energy_flow_hidden_size: usize,
    pub(crate) decoder_energy_flow_hidden_size: usize,
    pub(crate) attention_type: AttentionKind,
    pub(crate) use_attention: bool,
    pub(crate) norm_type: NormKind,
    pub(crate) t_interpolation: Interpolation,
    pub(crate) connect_res_layer_num: usize,
    /// 8x8x8 models also halve time at level 1.
    pub(crate) temporal_level1: bool,
    pub(crate) constants: Constants,
    pub(crate) mask: MaskChoice,
}

/// Why a config cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or a field of the wrong kind.
    #[error("the config is not readable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// `_class_name` is missing or names something else.
    #[error("the config is for the model {found:?}; supported are {}", supported())]
    UnknownClass {
        /// What `_class_name` says, empty if it is missing.
        found: String,
    },
    /// A combination of fields that no model has.
    #[error("the config does not describe a model: {0}")]
    Contradiction(String),
}

fn supported() -> String {
    ModelClass::ALL.map(ModelClass::name).join(" and ")
}

/// The JSON as the references write it, `dowmsample` included.
#[derive(Deserialize)]
#[serde(default)]
struct Raw {
    _class_name: String,
    latent_dim: usize,
    base_channels: usize,
    encoder_num_resblocks: usize,
    decoder_num_resblocks: usize,
    encoder_energy_flow_hidden_size: usize,
    decoder_energy_flow_hidden_size: usize,
    attention_type: AttentionKind,
    use_attention: bool,
    norm_type: NormKind,
    t_interpolation: Interpolation,
    connect_res_layer_num: usize,
    #[serde(alias = "l1_dowmsample_block")]
    l1_downsample_block: String,
    l1_downsample_wavelet: String,
    l1_upsample_block: String,
    l1_upsample_wavelet: String,
    not_compress: bool,
    constants: Option<Constants>,
    mask: Option<MaskChoice>,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            _class_name: String::new(),
            latent_dim: 8,
            base_channels: 128,
            encoder_num_resblocks: 2,
            decoder_num_resblocks: 2,
            encoder_energy_flow_hidden_size: 64,
            decoder_energy_flow_hidden_size: 128,
            attention_type: AttentionKind::AttnBlock3DFix,
            use_attention: true,
            norm_type: NormKind::GroupNorm,
            t_interpolation: Interpolation::Nearest,
            connect_res_layer_num: 1,
            l1_downsample_block: "Downsample".into(),
            l1_downsample_wavelet: "HaarWaveletTransform2D".into(),
            l1_upsample_block: "Upsample".into(),
            l1_upsample_wavelet: "InverseHaarWaveletTransform2D".into(),
            not_compress: false,
            constants: None,
            mask: None,
        }
    }
}

impl Raw {
    /// Whether level 1 works on time as well; its four fields must agree.
    fn temporal_level1(&self) -> Result<bool, ConfigError> {
        let fields = [
            (
                &self.l1_downsample_block,
                "Downsample",
                "Spatial2xTime2x3DDownsample",
            ),
            (
                &self.l1_downsample_wavelet,
                "HaarWaveletTransform2D",
                "HaarWaveletTransform3D",
            ),
            (
                &self.l1_upsample_block,
                "Upsample",
                "Spatial2xTime2x3DUpsample",
            ),
            (
                &self.l1_upsample_wavelet,
                "InverseHaarWaveletTransform2D",
                "InverseHaarWaveletTransform3D",
            ),
        ];
        let mut temporal = [false; 4];
        for (flag, (value, spatial, spatio_temporal)) in temporal.iter_mut().zip(fields) {
            *flag = match value.as_str() {
                v if v == spatial => false,
                v if v == spatio_temporal => true,
                other => {
                    let why = format!("level 1 cannot be {other:?}");
                    return Err(ConfigError::Contradiction(why));
                }
            };
        }
        if temporal.iter().any(|t| *t != temporal[0]) {
            let why = "its level-1 blocks and wavelets are partly 2-D and partly 3-D";
            return Err(ConfigError::Contradiction(why.into()));
        }
        Ok(temporal[0])
    }
}

impl ModelConfig {
    /// Reads the reference's JSON; `_class_name` names the model.
    ///
    /// # Errors
    /// If it is not JSON, is of another model, or describes none.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let raw: Raw = serde_json::from_str(text)?;
        let class = ModelClass::ALL
            .into_iter()
            .find(|c| c.name() == raw._class_name)
            .ok_or_else(|| ConfigError::UnknownClass {
                found: raw._class_name.clone(),
            })?;
        let temporal_level1 = raw.temporal_level1()?;
        let (mask, constants) = match class {
            ModelClass::WfVae => (MaskChoice::None, Constants::Reference),
            ModelClass::LcVae if raw.not_compress => (MaskChoice::None, Constants::Exact),
            ModelClass::LcVae => (MaskChoice::Paper50, Constants::Exact),
        };
        let config = Self {
            class,
            latent_dim: raw.latent_dim,
            base_channels: raw.base_channels,
            encoder_num_resblocks: raw.encoder_num_resblocks,
            decoder_num_resblocks: raw.decoder_num_resblocks,
            encoder_energy_flow_hidden_size: raw.encoder_energy_flow_hidden_size,
            decoder_energy_flow_hidden_size: raw.decoder_energy_flow_hidden_size,
            attention_type: raw.attention_type,
            use_attention: raw.use_attention,
            norm_type: raw.norm_type,
            t_interpolation: raw.t_interpolation,
            connect_res_layer_num: raw.connect_res_layer_num,
            temporal_level1,
            constants: raw.constants.unwrap_or(constants),
            mask: raw.mask.unwrap_or(mask),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let contradiction = |why: String| Err(ConfigError::Contradiction(why));
        let flows = [
            self.encoder_energy_flow_hidden_size,
            self.decoder_energy_flow_hidden_size,
        ];
        if self.latent_dim == 0 || self.base_channels == 0 || flows.contains(&0) {
            return contradiction("its widths must be at least 1".into());
        }
        if self.decoder_num_resblocks == 0 {
            return contradiction("decoder_num_resblocks must be at least 1".into());
        }
        if self.norm_type == NormKind::GroupNorm {
            let widths = [self.base_channels, flows[0], flows[1]];
            if let Some(width) = widths.iter().find(|w| **w % 32 != 0) {
                return contradiction(format!("group norm needs multiples of 32, not {width}"));
            }
        }
        if self.class == ModelClass::LcVae && self.temporal_level1 {
            return contradiction("LC-VAE is defined for 4x8x8 compression only".into());
        }
        if let Err(error) = self.mask.build(self.latent_dim) {
            return contradiction(error.to_string());
        }
        Ok(())
    }

    /// Writes the reference's JSON, with our `"mask"` and `"constants"`.
    pub fn to_json(&self) -> String {
        let (block, wavelet) = if self.temporal_level1 {
            ("Spatial2xTime2x3D", "3D")
        } else {
            ("", "2D")
        };
        let sampler = |kind: &str| match block {
            "" => kind.to_owned(),
            block => format!("{block}{kind}"),
        };
        let value = json!({
            "_class_name": self.class.name(),
            "latent_dim": self.latent_dim,
            "base_channels": self.base_channels,
            "encoder_num_resblocks": self.encoder_num_resblocks,
            "decoder_num_resblocks": self.decoder_num_resblocks,
            "encoder_energy_flow_hidden_size": self.encoder_energy_flow_hidden_size,
            "decoder_energy_flow_hidden_size": self.decoder_energy_flow_hidden_size,
            "attention_type": format!("{:?}", self.attention_type),
            "use_attention": self.use_attention,
            "norm_type": self.norm_type,
            "t_interpolation": self.t_interpolation,
            "connect_res_layer_num": self.connect_res_layer_num,
            "l1_dowmsample_block": sampler("Downsample"),
            "l1_downsample_wavelet": format!("HaarWaveletTransform{wavelet}"),
            "l1_upsample_block": sampler("Upsample"),
            "l1_upsample_wavelet": format!("InverseHaarWaveletTransform{wavelet}"),
            "constants": self.constants,
            "mask": self.mask,
        });
        pretty(&value)
    }

    /// What the latent is compressed with, in training and by default at decoding.
    pub fn mask(&self) -> &MaskChoice {
        &self.mask
    }

    /// The same model with another mask.
    #[must_use]
    pub fn with_mask(self, mask: MaskChoice) -> Self {
        Self { mask, ..self }
    }

    /// Latent channels C.
    pub fn channels(&self) -> usize {
        self.latent_dim
    }

    /// Width of the first stage; the others are 2 and 4 times as wide.
    pub fn base_channels(&self) -> usize {
        self.base_channels
    }

    /// The Haar taps.
    pub fn constants(&self) -> Constants {
        self.constants
    }

    /// Whether the class compresses its latent (LC-VAE), with whatever mask.
    pub fn compresses(&self) -> bool {
        self.class == ModelClass::LcVae
    }

    /// Which clip lengths the model takes without padding.
    pub fn frame_rule(&self) -> FrameRule {
        match self.class {
            ModelClass::WfVae => FrameRule {
                step: self.frames_per_latent(),
                offset: 1,
            },
            ModelClass::LcVae => FrameRule {
                step: 32,
                offset: 0,
            },
        }
    }

    /// Height and width must be multiples of this.
    pub fn size_step(&self) -> usize {
        match self.class {
            ModelClass::WfVae => 8,
            ModelClass::LcVae => 16,
        }
    }

    /// Frames per latent frame: 4 or 8.
    pub(crate) fn frames_per_latent(&self) -> usize {
        if self.temporal_level1 { 8 } else { 4 }
    }

    pub(crate) fn temporal_rule(&self) -> TemporalRule {
        match self.class {
            ModelClass::WfVae => TemporalRule::Causal,
            ModelClass::LcVae => TemporalRule::Symmetric,
        }
    }

    /// The wavelet of level 1.
    pub(crate) fn level1(&self) -> Haar {
        if self.temporal_level1 {
            Haar::SpatioTemporal(self.constants)
        } else {
            Haar::Spatial
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
