//! Which latent frames are compressed.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Latent frames in a group of the Multi-WT's three temporal steps.
pub const GROUP: usize = 8;

/// Which frames of a latent the Multi-WT works on; the others stay as they are.
///
/// In configs `"compressed"`: `"all"`, `"all-but-first"` or `"first-eight"`. A causal model's first
/// latent holds one clip frame and the others four, so `"all-but-first"` keeps unlike frames apart
/// (33 clip frames: latents 1 to 8 are compressed); it is the default. LC-VAE's authors compress
/// latents 0 to 7 of a Wan VAE and leave the rest (33 clip frames: latent 8), which is
/// `"first-eight"` and the default for their class. Symmetric models have no such frame: `"all"`.
/// Source: spec/lcvae.md 12, spec/lcvae-notes.md 3.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompressedFrames {
    /// Every frame.
    All,
    /// Every frame behind the first.
    AllButFirst,
    /// The first eight frames.
    FirstEight,
}

impl CompressedFrames {
    /// The compressed frames of a latent of `latents` frames; may be empty.
    pub fn range(self, latents: usize) -> Range<usize> {
        match self {
            Self::All => 0..latents,
            Self::AllButFirst => latents.min(1)..latents,
            Self::FirstEight => 0..latents.min(GROUP),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_three_frames_give_one_group_either_way() {
        assert_eq!(CompressedFrames::All.range(8), 0..8);
        assert_eq!(CompressedFrames::AllButFirst.range(9), 1..9);
        assert_eq!(CompressedFrames::FirstEight.range(9), 0..8);
        assert_eq!(CompressedFrames::FirstEight.range(3), 0..3);
        assert!(CompressedFrames::AllButFirst.range(1).is_empty());
    }
}
