//! Which clips a model takes as they are.

use crate::config::ModelConfig;

/// Why a clip cannot be encoded as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// There is nothing to encode.
    #[error("a clip of {frames} frames of {height}x{width} is empty")]
    Empty {
        /// Frames of the clip.
        frames: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// The model halves rows and columns too often for this clip.
    #[error("frames of {height}x{width} do not suit {model}; it needs multiples of {step}")]
    Sides {
        /// The model's class.
        model: &'static str,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// What rows and columns must be multiples of.
        step: usize,
    },
    /// The model would leave frames out.
    #[error("{frames} frames do not suit {model}; the next length that does is {padded}")]
    Frames {
        /// The model's class.
        model: &'static str,
        /// Frames of the clip.
        frames: usize,
        /// The next length that suits.
        padded: usize,
    },
}

impl ModelConfig {
    /// Refuses what [`encode`](crate::Autoencoder::encode) would crash on or cut short: sides that
    /// are not multiples of [`size_step`](Self::size_step), and lengths that are against the
    /// [`frame_rule`](Self::frame_rule). Such clips are for the caller to pad; cut back after
    /// decoding, what was padded is gone.
    ///
    /// # Errors
    /// If the clip does not suit; the first reason is told, sides before frames.
    pub fn check_clip(&self, frames: usize, height: usize, width: usize) -> Result<(), ClipError> {
        let model = self.backbone.class_name();
        let step = self.size_step();
        let rule = self.frame_rule();
        if frames == 0 || height == 0 || width == 0 {
            return Err(ClipError::Empty {
                frames,
                height,
                width,
            });
        }
        if !height.is_multiple_of(step) || !width.is_multiple_of(step) {
            return Err(ClipError::Sides {
                model,
                height,
                width,
                step,
            });
        }
        if !rule.accepts(frames) {
            return Err(ClipError::Frames {
                model,
                frames,
                padded: rule.padded(frames),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, [frames, height, width]: [usize; 3]) -> Option<String> {
        let config = ModelConfig::from_json(text).ok()?;
        let refused = config.check_clip(frames, height, width).err();
        refused.map(|error| error.to_string())
    }

    #[test]
    fn what_does_not_suit_is_named() {
        let wan = r#"{"_class_name": "WanVAE"}"#;
        assert_eq!(said(wan, [5, 24, 40]), None);
        let refused = "frames of 24x36 do not suit WanVAE; it needs multiples of 8";
        assert_eq!(said(wan, [5, 24, 36]).as_deref(), Some(refused));
        let refused = "7 frames do not suit WanVAE; the next length that does is 9";
        assert_eq!(said(wan, [7, 24, 40]).as_deref(), Some(refused));
        assert!(said(wan, [0, 24, 40]).is_some());
    }

    /// Compression halves the latent once more.
    #[test]
    fn a_mask_needs_even_latents() {
        let iv = r#"{"_class_name": "IV_VAE", "mask": "lowpass50"}"#;
        assert_eq!(said(iv, [5, 32, 48]), None);
        let refused = "frames of 24x48 do not suit IV_VAE; it needs multiples of 16";
        assert_eq!(said(iv, [5, 24, 48]).as_deref(), Some(refused));
    }
}
