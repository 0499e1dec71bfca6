//! How a reconstruction is measured: by which protocol, always in pixels, and by the networks that
//! files were given of.

use anyhow::Result;
use burn::tensor::Device;

use super::protocol::Protocol;
use super::rfvd::ClipNetwork;
use crate::cli::EvaluateArgs;
use crate::commands::footage::Sample;
use crate::commands::perceptual::Perceptual;
use crate::commands::score::{ClipScore, Pixels, compare_pixels};

/// The protocol, and the networks, each where there is a file.
pub(super) struct Networks {
    pub(super) protocol: Protocol,
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
                .map(|network| network.with_input(args.protocol.input()))
        });
        let clips = args
            .i3d
            .as_ref()
            .map(|file| ClipNetwork::open(file, args, device));
        Ok(Self {
            protocol: args.protocol,
            frames: frames.transpose()?,
            clips: clips.transpose()?,
        })
    }

    /// Measures everything that was made of a clip.
    pub(super) fn scores(&self, sample: &Sample, made: &[Pixels]) -> Result<Vec<ClipScore>> {
        let original = Pixels::of(&sample.clip);
        let frames = self.frames.as_ref();
        let distances = frames.map(|network| network.between(&original, made));
        let clips = self.clips.as_ref();
        let each = made.iter().enumerate().map(|(i, made)| {
            Ok(ClipScore {
                perceptual: distances.as_ref().map(|each| each[i]),
                logits: clips.map(|network| network.logits(made)).transpose()?,
                ..compare_pixels(&sample.name, &original, made)?
            })
        });
        each.collect()
    }
}
