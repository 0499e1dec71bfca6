//! Latents as they are stored, without what compression drops.

use burn::tensor::Tensor;
use wavelet::{Mask, MaskError, compact, expand, inverse_multi_wt, multi_wt};

use crate::autoencoder::Autoencoder;
use crate::compressed::GROUP;
use crate::config::ModelConfig;
use crate::pass::TemporalRule;

const TIME: usize = 2;

/// What is left of a latent: the kept coefficients, and the frames that are not compressed.
#[derive(Clone, Debug)]
pub struct CompactLatent {
    /// Frames in front of the compressed ones, as they are, `[B, C, F, H', W']`.
    pub before: Option<Tensor<5>>,
    /// The kept coefficients of the compressed frames, `[B, K, ceil(T'/8), H'/2, W'/2]`.
    pub kept: Tensor<5>,
    /// Frames behind the compressed ones, as they are.
    pub after: Option<Tensor<5>>,
}

impl ModelConfig {
    /// Whether a latent of `latents` frames is stored as the coefficients that the mask keeps: where
    /// these are fewer numbers. They come in whole groups of 8 frames, so of a few frames they are not.
    pub fn is_compacted(&self, latents: usize, mask: &Mask) -> bool {
        let compressed = self.compressed_frames(latents).len();
        // A coefficient has a fourth of the latent's positions.
        mask.kept_count() * compressed.div_ceil(GROUP) < 4 * self.channels() * compressed
    }

    /// Numbers stored of a latent `[C, T', H', W']`: frames that compression leaves alone are kept
    /// whole, and the others are stored as whole groups of 8 where that is less
    /// ([`is_compacted`](Self::is_compacted)).
    pub fn stored_values(
        &self,
        [channels, frames, height, width]: [usize; 4],
        mask: &Mask,
    ) -> usize {
        let frame = channels * height * width;
        if !self.is_compacted(frames, mask) {
            return frames * frame;
        }
        let compressed = self.compressed_frames(frames).len();
        let groups = compressed.div_ceil(GROUP) * (height / 2) * (width / 2);
        (frames - compressed) * frame + mask.kept_count() * groups
    }
}

impl Autoencoder {
    /// A latent `[B, C, T', H', W']` as it is stored.
    ///
    /// # Errors
    /// If the mask is for another number of channels, or a side of the latent is odd.
    pub fn compact(&self, latent: Tensor<5>, mask: &Mask) -> Result<CompactLatent, MaskError> {
        let [_, _, frames, height, width] = latent.dims();
        if height % 2 == 1 || width % 2 == 1 {
            return Err(MaskError::OddSize { height, width });
        }
        let range = self.config().compressed_frames(frames);
        let of = |range| latent.clone().slice_dim(TIME, range);
        let coefficients = multi_wt(of(range.clone()), self.config().constants());
        Ok(CompactLatent {
            before: (range.start > 0).then(|| of(0..range.start)),
            kept: compact(coefficients, mask)?,
            after: (range.end < frames).then(|| of(range.end..frames)),
        })
    }

    /// The latent of `latents` frames that the decoder gets from a stored one: what
    /// [`restore`](Self::restore) makes of the whole, for a symmetric model with its padding.
    ///
    /// # Errors
    /// If the mask keeps another number of coefficients.
    pub fn expand(
        &self,
        stored: CompactLatent,
        mask: &Mask,
        latents: usize,
    ) -> Result<Tensor<5>, MaskError> {
        let coefficients = expand(stored.kept, mask)?;
        let groups = inverse_multi_wt(coefficients, self.config().constants());
        let groups = match self.rule() {
            TemporalRule::Symmetric => groups,
            TemporalRule::Causal => {
                let compressed = self.config().compressed_frames(latents).len();
                let padding = groups.dims()[TIME].saturating_sub(compressed);
                groups.slice_dim(TIME, padding..)
            }
        };
        let parts = [stored.before, Some(groups), stored.after];
        Ok(Tensor::cat(parts.into_iter().flatten().collect(), TIME))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};
    use wavelet::MaskChoice;

    use super::*;
    use crate::{CompressedFrames, ModelConfig};

    fn model(json: &str) -> Autoencoder {
        let config = ModelConfig::from_json(json).unwrap();
        Autoencoder::new(&config, &Device::flex())
    }

    #[test]
    fn what_is_stored_is_what_the_decoder_gets() {
        let causal = |compressed: &str| {
            let own = r#""_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24"#;
            format!(r#"{{{own}, "mask": "paper50", "compressed": "{compressed}"}}"#)
        };
        let symmetric = r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet", "latent_dim": 4,
            "norm_type": "layernorm",
            "base_channels": 8, "encoder_energy_flow_hidden_size": 8,
            "decoder_energy_flow_hidden_size": 8}"#;
        // A frame of 4 channels, and half of the coefficients of up to eight such frames.
        let (whole, block) = (4 * 16, 4 * 16 * 8 / 2);
        let cases = [
            (causal("all-but-first"), 9, whole + block),
            (causal("all-but-first"), 6, whole + block),
            (causal("first-eight"), 9, whole + block),
            (symmetric.to_owned(), 16, 2 * block),
        ];
        for (json, frames, values) in cases {
            let model = model(&json);
            let shape = [1, 4, frames, 4, 4];
            let latent = Tensor::random(shape, Distribution::Default, &Device::flex());
            let mask = MaskChoice::Paper50.build(4).unwrap();
            assert!(model.config().is_compacted(frames, &mask));
            let stored = model.compact(latent.clone(), &mask).unwrap();
            let parts = [
                stored.before.as_ref(),
                Some(&stored.kept),
                stored.after.as_ref(),
            ];
            let count = |part: &Tensor<5>| part.dims().iter().product::<usize>();
            let found: usize = parts.into_iter().flatten().map(count).sum();
            assert_eq!(found, values, "{json}");
            let told = model.config().stored_values([4, frames, 4, 4], &mask);
            assert_eq!(told, values, "{json}");
            let expanded = model.expand(stored, &mask, frames).unwrap();
            let restored = model.restore(latent, &mask).unwrap();
            let off = (expanded - restored).abs().max().into_scalar::<f32>();
            assert!(off < 1e-6, "{json}: {off}");
        }
    }

    #[test]
    fn what_the_groups_would_make_larger_is_stored_whole() {
        assert!(CompressedFrames::AllButFirst.range(1).is_empty());
        let config = ModelConfig::from_json(r#"{"_class_name": "LeanVAE", "latent_dim": 4}"#);
        let config = config.unwrap();
        let [half, all] = [MaskChoice::Paper50, MaskChoice::None].map(|m| m.build(4).unwrap());
        // Half of eight frames is as much as four, which are stored as they are.
        for latents in 1..=5 {
            assert!(!config.is_compacted(latents, &half), "{latents}");
            assert_eq!(
                config.stored_values([4, latents, 2, 2], &half),
                16 * latents
            );
        }
        for latents in 6..=9 {
            assert!(config.is_compacted(latents, &half), "{latents}");
            assert_eq!(config.stored_values([4, latents, 2, 2], &half), 16 * 5);
        }
        assert!(!config.is_compacted(9, &all));
    }
}
