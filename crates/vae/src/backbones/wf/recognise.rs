//! The arguments of a WF-VAE or LC-VAE from its weight file.

use serde_json::{Value, json};

use super::config::WfConfig;
use crate::file_shapes::FileShapes;

/// Channels that the level-1 wavelet gives in space and time.
const SPATIO_TEMPORAL: usize = 24;

impl WfConfig {
    /// The config of a file, if it is of this backbone. The reference of LC-VAE uses rounded taps.
    pub(crate) fn recognise(file: &FileShapes) -> Option<Value> {
        let connections = file.count("decoder.connect_l2").checked_sub(1)?;
        let outflow = format!("decoder.connect_l2.{connections}.weight");
        let temporal = file.size("encoder.connect_l1.weight", 1)? == SPATIO_TEMPORAL;
        let (block, wavelet) = if temporal {
            ("Spatial2xTime2x3D", "3D")
        } else {
            ("", "2D")
        };
        let layer_norm = file.has("encoder.norm_out.norm.weight");
        Some(json!({
            "_class_name": if file.has_prefix("temporal_processor.") {
                Self::LC_CLASS
            } else {
                Self::WF_CLASS
            },
            "constants": "reference",
            "latent_dim": file.size("decoder.conv_in.conv.weight", 1)?,
            "base_channels": file.size("encoder.down1.0.weight", 0)?,
            "encoder_num_resblocks": file.count("encoder.down1").checked_sub(2)?,
            "decoder_num_resblocks": file.count("decoder.up2").checked_sub(2)?,
            "encoder_energy_flow_hidden_size": file.size("encoder.connect_l1.weight", 0)?,
            "decoder_energy_flow_hidden_size": file.size(&outflow, 1)?,
            "connect_res_layer_num": connections,
            "use_attention": file.has("encoder.mid.1.q.conv.weight"),
            "norm_type": if layer_norm { "layernorm" } else { "groupnorm" },
            "t_interpolation": "trilinear",
            "l1_downsample_block": format!("{block}Downsample"),
            "l1_downsample_wavelet": format!("HaarWaveletTransform{wavelet}"),
            "l1_upsample_block": format!("{block}Upsample"),
            "l1_upsample_wavelet": format!("InverseHaarWaveletTransform{wavelet}"),
        }))
    }
}
