//! What a WF-VAE or LC-VAE is made of. Source: spec/wfvae.md 1, spec/lcvae.md 2.5.

use serde::Deserialize;
use serde_json::{Value, json};
use wavelet::{Constants, MaskChoice};

use crate::blocks::{AttentionKind, Haar, Interpolation, NormKind};
use crate::compressed::CompressedFrames;
use crate::config_error::{ConfigError, check_blocks, check_widths};
use crate::pass::TemporalRule;
use crate::shared::Defaults;

/// The reference's arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WfConfig {
    /// Causal for WF-VAE, symmetric for LC-VAE.
    pub(crate) rule: TemporalRule,
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
}

/// The JSON as the references write it, `dowmsample` included.
#[derive(Deserialize)]
#[serde(default)]
struct Raw {
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
}

impl Default for Raw {
    fn default() -> Self {
        Self {
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

impl WfConfig {
    pub(crate) const WF_CLASS: &str = "WFVAEModel";
    pub(crate) const LC_CLASS: &str = "WVAE_Compressed_TopK_multi_wavelet";

    /// The config of the class with this temporal rule, and what it takes where the JSON is silent.
    pub(crate) fn read(text: &str, rule: TemporalRule) -> Result<(Self, Defaults), ConfigError> {
        let raw: Raw = serde_json::from_str(text)?;
        let (mask, constants) = match rule {
            TemporalRule::Causal => (MaskChoice::None, Constants::Reference),
            TemporalRule::Symmetric if raw.not_compress => (MaskChoice::None, Constants::Exact),
            TemporalRule::Symmetric => (MaskChoice::Paper50, Constants::Exact),
        };
        let defaults = Defaults {
            latent_dim: 8,
            mask,
            constants,
            compressed: compressed(rule),
        };
        let config = Self {
            rule,
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
            temporal_level1: raw.temporal_level1()?,
        };
        config.check()?;
        Ok((config, defaults))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let contradiction = |why: String| Err(ConfigError::Contradiction(why));
        let (inflow, outflow) = (
            self.encoder_energy_flow_hidden_size,
            self.decoder_energy_flow_hidden_size,
        );
        check_widths(&[
            ("base_channels", self.base_channels),
            ("encoder_energy_flow_hidden_size", inflow),
            ("decoder_energy_flow_hidden_size", outflow),
        ])?;
        check_blocks(&[
            ("encoder_num_resblocks", self.encoder_num_resblocks),
            ("decoder_num_resblocks", self.decoder_num_resblocks),
            ("connect_res_layer_num", self.connect_res_layer_num),
        ])?;
        if self.decoder_num_resblocks == 0 {
            return contradiction("decoder_num_resblocks must be at least 1".into());
        }
        if self.norm_type == NormKind::GroupNorm {
            let widths = [self.base_channels, inflow, outflow];
            if let Some(width) = widths.iter().find(|w| **w % 32 != 0) {
                return contradiction(format!("group norm needs multiples of 32, not {width}"));
            }
        }
        if self.rule == TemporalRule::Symmetric && self.temporal_level1 {
            return contradiction("LC-VAE is defined for 4x8x8 compression only".into());
        }
        Ok(())
    }

    /// Which latent frames are compressed unless the config says otherwise.
    pub(crate) fn compressed(&self) -> CompressedFrames {
        compressed(self.rule)
    }

    pub(crate) fn to_json(&self) -> Value {
        let (block, wavelet) = if self.temporal_level1 {
            ("Spatial2xTime2x3D", "3D")
        } else {
            ("", "2D")
        };
        let sampler = |kind: &str| match block {
            "" => kind.to_owned(),
            block => format!("{block}{kind}"),
        };
        json!({
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
        })
    }

    /// The wavelet of level 1.
    pub(crate) fn level1(&self, constants: Constants) -> Haar {
        if self.temporal_level1 {
            Haar::SpatioTemporal(constants)
        } else {
            Haar::Spatial
        }
    }
}

fn compressed(rule: TemporalRule) -> CompressedFrames {
    match rule {
        TemporalRule::Causal => CompressedFrames::AllButFirst,
        TemporalRule::Symmetric => CompressedFrames::All,
    }
}
