//! Where each layer works.

use super::config::{DecoderKind, STAGES, TaehvConfig};
use crate::work::{Grid, Work};

/// Layers of an encoder's stage, and of each kind of decoder's, and what stands before the first.
const ENCODER: (usize, usize) = (2, 5);
const PLAIN: (usize, usize) = (3, 6);
const SUPER: (usize, usize) = (1, 7);

impl TaehvConfig {
    /// The work of the layer with a weight of this name, on a clip whose length suits.
    pub(crate) fn work(&self, name: &str, clip: Grid) -> Work {
        let mut parts = name.split('.');
        let half = parts.next();
        let at = parts.next().and_then(|at| at.parse().ok()).unwrap_or(0);
        match half {
            Some("encoder") => Work::encoding(self.encoder_grid(at, clip)),
            _ => Work::decoding(self.decoder_grid(at, clip)),
        }
    }

    /// The results of the encoder's layer at a place.
    fn encoder_grid(&self, at: usize, clip: Grid) -> Grid {
        let (before, layers) = ENCODER;
        let cells = self.cells(clip);
        let frames = self
            .clip_rule
            .latents(clip.frames, self.frames_per_latent());
        let cells = cells.with_frames(frames * self.frames_per_latent());
        let Some(place) = at.checked_sub(before) else {
            return cells;
        };
        // A stage pools frames first and then halves the sides.
        let (stage, layer) = ((place / layers).min(STAGES), place % layers);
        let pooled = (stage + usize::from(stage < STAGES)).min(STAGES);
        let halved = if stage < STAGES && layer == 0 {
            stage
        } else {
            pooled
        };
        let strides: usize = self.time_strides()[..pooled].iter().product();
        Grid {
            frames: cells.frames / strides,
            height: cells.height >> halved,
            width: cells.width >> halved,
        }
    }

    /// The results of the decoder's layer at a place; frames that are dropped later are made too.
    fn decoder_grid(&self, at: usize, clip: Grid) -> Grid {
        let (before, layers) = match self.decoder {
            DecoderKind::Super => SUPER,
            DecoderKind::Base | DecoderKind::Wide => PLAIN,
        };
        let latents = self
            .clip_rule
            .latents(clip.frames, self.frames_per_latent());
        let place = at.saturating_sub(before);
        let (stage, layer) = ((place / layers).min(STAGES), place % layers);
        let (doubled, grown) = match self.decoder {
            _ if stage == STAGES => (STAGES, STAGES),
            // Blocks and a convolution, then sides, then frames.
            DecoderKind::Super => (stage + usize::from(layer > 5), stage),
            // Blocks, then frames and sides at once, then a convolution.
            _ => {
                let behind = stage + usize::from(layer > 4);
                (behind, behind)
            }
        };
        let grows = &self.decoder_time_upscale[..grown];
        let doubles = self.decoder_space_upscale[..doubled].iter();
        let doubled = doubles.filter(|doubles| **doubles).count();
        let cells = self.cells(clip);
        Grid {
            frames: latents << grows.iter().filter(|grows| **grows).count(),
            height: (cells.height >> STAGES) << doubled,
            width: (cells.width >> STAGES) << doubled,
        }
    }

    fn cells(&self, clip: Grid) -> Grid {
        Grid {
            height: clip.height / self.patch_size,
            width: clip.width / self.patch_size,
            ..clip
        }
    }
}
