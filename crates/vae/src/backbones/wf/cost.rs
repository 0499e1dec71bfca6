//! Where each layer works.

use super::config::WfConfig;
use crate::work::{Grid, Work};

impl WfConfig {
    /// The work of the layer with a weight of this name.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        let first = clip.halved(true);
        let second = first.halved(self.temporal_level1);
        let latent = second.halved(true);
        let parts: Vec<&str> = name.split('.').collect();
        // A stack's sampler stands behind the blocks, and behind a convolution in the encoder.
        let encoder_sampler = self.encoder_num_resblocks + 1;
        let decoder_sampler = self.decoder_num_resblocks;
        let before = |at: &str, sampler| at.parse().is_ok_and(|at: usize| at < sampler);
        match parts[..] {
            ["encoder", "down1", at, ..] if before(at, encoder_sampler) => Work::encoding(first),
            ["encoder", "down2", at, ..] if before(at, encoder_sampler) => Work::encoding(second),
            ["encoder", "down1" | "connect_l1", ..] => Work::encoding(second),
            ["encoder", ..] => Work::encoding(latent),
            ["decoder", "up2", at, ..] if before(at, decoder_sampler) => Work::decoding(latent),
            ["decoder", "up1", at, ..] if before(at, decoder_sampler) => Work::decoding(second),
            ["decoder", "up2" | "connect_l1", ..] => Work::decoding(second),
            ["decoder", "up1" | "layer" | "conv_out", ..] => Work::decoding(first),
            _ => Work::decoding(latent),
        }
    }
}
