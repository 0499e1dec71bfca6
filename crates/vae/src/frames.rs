//! Which clip lengths a model takes.

use crate::pass::TemporalRule;

/// A model's rule for clip lengths: `frames % step == offset % step`, and at least `offset`.
///
/// Asked of the model, never assumed: WF-VAE takes 1 + 4k (or 1 + 8k) frames, LC-VAE multiples of
/// 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRule {
    /// Distance between legal lengths, in frames.
    pub step: usize,
    /// Frames that stand apart at the start: 1 for causal models, else 0.
    pub offset: usize,
}

impl FrameRule {
    /// The rule of most models: 1 and whole latent frames for a causal one, segments of 32 for a
    /// symmetric one.
    pub(crate) fn of(rule: TemporalRule, per_latent: usize) -> Self {
        match rule {
            TemporalRule::Causal => Self {
                step: per_latent,
                offset: 1,
            },
            TemporalRule::Symmetric => Self {
                step: 32,
                offset: 0,
            },
        }
    }

    /// Whether a clip of this many frames needs no padding.
    pub fn accepts(self, frames: usize) -> bool {
        frames > 0 && self.padded(frames) == frames
    }

    /// The shortest legal length that is not shorter.
    pub fn padded(self, frames: usize) -> usize {
        let least = if self.offset == 0 {
            self.step
        } else {
            self.offset
        };
        if frames <= least {
            return least;
        }
        self.offset + (frames - self.offset).div_ceil(self.step) * self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_goes_to_the_next_legal_length() {
        let causal = FrameRule { step: 4, offset: 1 };
        assert_eq!([1, 2, 5, 6, 33].map(|t| causal.padded(t)), [1, 5, 5, 9, 33]);
        let symmetric = FrameRule {
            step: 32,
            offset: 0,
        };
        assert_eq!(
            [1, 31, 32, 33].map(|t| symmetric.padded(t)),
            [32, 32, 32, 64]
        );
        assert!(!symmetric.accepts(0) && symmetric.accepts(64) && !causal.accepts(4));
    }
}
