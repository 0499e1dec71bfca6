//! How a reconstruction is measured: always in pixels, and by the networks that files were given of.

use anyhow::Result;
use burn::tensor::Device;
use clips::Clip;

use super::rfvd::ClipNetwork;
use crate::cli::EvaluateArgs;
use crate::commands::footage::Sample;
use crate::commands::perceptual::Perceptual;
use crate::commands::score::{ClipScore, compare_clips};

/// The networks, each where there is a file.
pub(super) struct Networks {
    /// Compares frames.
    pub(super) frames: Option<Perceptual>,
    /// Describes whole clips.
    pub(super) clips: Option<ClipNetwork>,
}

impl Networks {
    pub(super) fn open(args: &EvaluateArgs, device: &Device) -> Result<Self> {
        let frames = args.perceptual.as_ref().map(|file| {
            let heads = args.lpips_heads.as_deref();
            Perceptual::open(file, heads, args.lpips_spatial, args.cut.size, device)
        });
        let clips = args
            .i3d
            .as_ref()
            .map(|file| ClipNetwork::open(file, args.fvd, args.cut.frames, device));
        Ok(Self {
            frames: frames.transpose()?,
            clips: clips.transpose()?,
        })
    }

    /// Measures what was made of a clip.
    pub(super) fn score(&self, sample: &Sample, made: &Clip) -> Result<ClipScore> {
        let score = compare_clips(&sample.name, &sample.clip, made)?;
        let frames = self.frames.as_ref();
        let clips = self.clips.as_ref();
        Ok(ClipScore {
            perceptual: frames.map(|network| network.between(&sample.clip, made)),
            logits: clips.map(|network| network.logits(made)).transpose()?,
            ..score
        })
    }
}
