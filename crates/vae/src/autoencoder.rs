//! The model: a backbone, and latent compression between its halves.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use wavelet::{Mask, MaskChoice, MaskError, zero_dropped};

use crate::backbones::{Backbone, Network};
use crate::coding::{Decoding, Encoding};
use crate::config::ModelConfig;
use crate::last_layer::LastLayer;
use crate::pass::{Pass, TemporalRule};

const TIME: usize = 2;

/// A video autoencoder: WF-VAE, LC-VAE, LeanVAE, Wan 2.1 or IV-VAE, as its config says.
///
/// Whichever it is, clips have values in -1..1, latents are `[B, C, T', H/8, W/8]`
/// ([`ModelConfig::latent_frame`], [`ModelConfig::latent_frames`]), lengths follow [`ModelConfig::frame_rule`], and a clip in pieces
/// ([`EncoderStream`](crate::EncoderStream), [`DecoderStream`](crate::DecoderStream)) gives what the
/// whole gives.
#[derive(Module, Debug)]
pub struct Autoencoder {
    pub(crate) backbone: Backbone,
    #[module(skip)]
    config: ModelConfig,
}

impl Autoencoder {
    /// A model with random weights (the reference's initialisation).
    pub fn new(config: &ModelConfig, device: &Device) -> Self {
        Self {
            backbone: Backbone::new(&config.shared, &config.backbone, device),
            config: config.clone(),
        }
    }

    /// The config.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Encodes a whole clip.
    ///
    /// # Shapes
    /// Clip `[B, 3, T, H, W]`, values in -1..1, to a posterior `[B, C, T', H/8, W/8]`. Any T >= 1
    /// runs; causal models ignore frames beyond the last legal length. H and W must be multiples of
    /// [`ModelConfig::size_step`]; [`ModelConfig::check_clip`] says what does not suit.
    pub fn encode(&self, clip: Tensor<5>) -> Encoding {
        self.backbone.encode(clip, &mut Pass::whole(self.rule()))
    }

    /// The same weights with another mask in the config.
    #[must_use]
    pub fn with_mask(mut self, mask: MaskChoice) -> Self {
        self.config = self.config.with_mask(mask);
        self
    }

    /// Decodes a whole latent.
    ///
    /// # Shapes
    /// `[B, C, T', H', W']` to a clip `[B, 3, T, 8H', 8W']`: T is `4 (T' - 1) + 1` for causal
    /// 4x8x8 models, `4 T'` for LC-VAE, whose T' must be even.
    pub fn decode(&self, latent: Tensor<5>) -> Decoding {
        self.backbone.decode(latent, &mut Pass::whole(self.rule()))
    }

    /// As [`decode`](Self::decode), with the decoder's last layer beside it where that is known:
    /// for WF-VAE and LC-VAE.
    pub fn decode_with_last_layer(&self, latent: Tensor<5>) -> (Decoding, Option<LastLayer>) {
        let pass = &mut Pass::whole(self.rule());
        self.backbone.decode_with_last_layer(latent, pass)
    }

    /// The latent as the decoder sees it after compression: everything that the mask drops is zero
    /// in the Multi-WT domain.
    ///
    /// A causal model's first latent frame holds a single clip frame; unless the config says
    /// otherwise it stays as it is and the transform begins at the second
    /// ([`CompressedFrames`](crate::CompressedFrames)).
    ///
    /// # Shapes
    /// `[B, C, T', H', W']` to the same. Symmetric models round T' up to a multiple of 8 as the
    /// reference does (the padding is in front).
    ///
    /// # Errors
    /// If the mask is for another number of channels, or a causal model's latent has an odd side.
    pub fn restore(&self, latent: Tensor<5>, mask: &Mask) -> Result<Tensor<5>, MaskError> {
        if mask.keeps_everything() && mask.channels() == self.config.channels() {
            return Ok(latent);
        }
        let constants = self.config.constants();
        self.restore_by(latent, |groups| zero_dropped(groups, mask, constants))
    }

    /// As [`restore`](Self::restore), but what happens to the part of the latent that is made of
    /// groups of 8 frames is up to the caller: it is given `[B, C, T', H', W']`, without a causal
    /// model's first frame, and returns the last T' frames or, with padding in front, more.
    ///
    /// # Errors
    /// What the caller's function returns, or if a causal model's latent has an odd side.
    pub fn restore_by(
        &self,
        latent: Tensor<5>,
        change: impl FnOnce(Tensor<5>) -> Result<Tensor<5>, MaskError>,
    ) -> Result<Tensor<5>, MaskError> {
        let [_, _, frames, height, width] = latent.dims();
        let range = self.config.compressed_frames(frames);
        match self.rule() {
            TemporalRule::Symmetric => change(latent),
            TemporalRule::Causal if range.is_empty() => Ok(latent),
            TemporalRule::Causal if height % 2 == 1 || width % 2 == 1 => {
                Err(MaskError::OddSize { height, width })
            }
            TemporalRule::Causal => {
                let of = |range: Range<usize>| latent.clone().slice_dim(TIME, range);
                let part = change(of(range.clone()))?;
                let padding = part.dims()[TIME] - range.len();
                let mut parts = vec![part.slice_dim(TIME, padding..)];
                if range.start > 0 {
                    parts.insert(0, of(0..range.start));
                }
                if range.end < frames {
                    parts.push(of(range.end..frames));
                }
                Ok(Tensor::cat(parts, TIME))
            }
        }
    }

    pub(crate) fn rule(&self) -> TemporalRule {
        self.config.temporal_rule()
    }
}
