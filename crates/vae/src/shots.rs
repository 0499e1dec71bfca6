//! How a clip of several shots is coded: each by itself.

use std::ops::Range;

use burn::tensor::Tensor;
use wavelet::{Mask, MaskError};

use crate::autoencoder::Autoencoder;
use crate::config::ModelConfig;
use crate::pass::TemporalRule;

const TIME: usize = 2;

/// A part of a clip that is encoded, compressed and decoded by itself.
///
/// A stream that runs on across a hard cut puts frames of both scenes into one latent and, with
/// what a mask drops, into one group of eight; some of either is then seen on the other side. A new
/// stream begins with a frame that is coded alone, as every clip of a causal model does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    /// Its frames in the clip.
    pub frames: Range<usize>,
    /// How many frames it is padded to.
    pub padded: usize,
    /// Its frames in the latent, which holds those of all shots one after another.
    pub latents: Range<usize>,
}

impl ModelConfig {
    /// How a clip of these shots is coded; they follow one another from frame 0.
    ///
    /// A causal model codes every shot by itself. A symmetric one takes whole segments of 32 frames,
    /// to which each shot would have to be padded: it codes the clip as one.
    pub fn plan_shots(&self, shots: &[Range<usize>]) -> Vec<Shot> {
        let end = shots.last().map_or(0, |shot| shot.end);
        let whole = 0..end;
        let shots = match self.temporal_rule() {
            TemporalRule::Causal => shots,
            TemporalRule::Symmetric => std::slice::from_ref(&whole),
        };
        let mut from = 0;
        let plan = shots.iter().map(|frames| {
            let padded = self.frame_rule().padded(frames.len());
            let latents = from..from + self.latent_frames(padded);
            from = latents.end;
            Shot {
                frames: frames.clone(),
                padded,
                latents,
            }
        });
        plan.collect()
    }

    /// Numbers stored of a latent of these shots, whose frames are `[C, H', W']`
    /// ([`stored_values`](Self::stored_values)).
    pub fn stored_in_shots(
        &self,
        shots: &[Shot],
        [channels, height, width]: [usize; 3],
        mask: &Mask,
    ) -> usize {
        let one = |shot: &Shot| [channels, shot.latents.len(), height, width];
        let values = shots.iter().map(|shot| self.stored_values(one(shot), mask));
        values.sum()
    }
}

impl Autoencoder {
    /// As [`restore`](Self::restore), of a latent of these shots.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub fn restore_shots(
        &self,
        latent: Tensor<5>,
        shots: &[Shot],
        mask: &Mask,
    ) -> Result<Tensor<5>, MaskError> {
        let restored = shots
            .iter()
            .map(|shot| self.restore(latent.clone().slice_dim(TIME, shot.latents.clone()), mask));
        Ok(Tensor::cat(restored.collect::<Result<_, _>>()?, TIME))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};
    use wavelet::MaskChoice;

    use super::*;

    fn config(json: &str) -> ModelConfig {
        ModelConfig::from_json(json).unwrap()
    }

    fn lean() -> ModelConfig {
        config(r#"{"_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24}"#)
    }

    #[test]
    fn a_causal_model_begins_anew_at_every_shot() {
        let plan = lean().plan_shots(&[0..33, 33..34, 34..40]);
        let expected = [(0..33, 33, 0..9), (33..34, 1, 9..10), (34..40, 9, 10..13)];
        let found = plan
            .iter()
            .map(|s| (s.frames.clone(), s.padded, s.latents.clone()));
        assert!(found.eq(expected), "{plan:?}");
        let half = MaskChoice::Lowpass50.build(4).unwrap();
        let stored = lean().stored_in_shots(&plan, [4, 2, 2], &half);
        assert_eq!(
            stored,
            16 * (1 + 4) + 16 + 16 * 3,
            "a group's half, and the rest whole"
        );
    }

    #[test]
    fn a_symmetric_model_codes_the_clip_as_one() {
        let config = config(r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet"}"#);
        let plan = config.plan_shots(&[0..20, 20..40]);
        let expected = Shot {
            frames: 0..40,
            padded: 64,
            latents: 0..16,
        };
        assert_eq!(plan, [expected]);
    }

    #[test]
    fn what_a_mask_drops_of_one_shot_is_not_seen_in_another() {
        let model = Autoencoder::new(&lean(), &Device::flex());
        let mask = MaskChoice::Lowpass50.build(4).unwrap();
        let random = |latents| {
            let shape = [1, 4, latents, 4, 4];
            Tensor::<5>::random(shape, Distribution::Default, &Device::flex())
        };
        let plan = lean().plan_shots(&[0..17, 17..50]);
        let (a, b) = (random(5), random(9));
        let both = Tensor::cat(vec![a.clone(), b.clone()], TIME);
        let restored = model.restore_shots(both, &plan, &mask).unwrap();
        let alone = [a, b].map(|shot| model.restore(shot, &mask).unwrap());
        let off = restored - Tensor::cat(alone.to_vec(), TIME);
        assert_eq!(off.abs().max().into_scalar::<f32>(), 0.0);
    }
}
