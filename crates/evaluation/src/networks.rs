//! How a reconstruction is measured: by which protocol, always in pixels, and by the networks that
//! files were given of.

use anyhow::Result;
use burn::tensor::Device;

use crate::clip_network::ClipNetwork;
use crate::perceptual_distance::Perceptual;
use crate::protocol::Protocol;
use crate::request::Request;
use crate::sample::Sample;
use crate::score::{ClipScore, Pixels, compare_pixels};

/// The protocol, and the networks, each where there is a file.
pub(crate) struct Networks {
    pub(crate) protocol: Protocol,
    /// Compares frames.
    pub(crate) frames: Option<Perceptual>,
    /// Describes whole clips.
    pub(crate) clips: Option<ClipNetwork>,
}

impl Networks {
    pub(crate) fn open(request: &Request, device: &Device) -> Result<Self> {
        let frames = request.perceptual.as_ref().map(|file| {
            let heads = request.lpips_heads.as_deref();
            Perceptual::open(file, heads, request.lpips_spatial, request.cut.size, device)
                .map(|network| network.with_input(request.protocol.input()))
        });
        let clips = request
            .i3d
            .as_ref()
            .map(|file| ClipNetwork::open(file, request, device));
        Ok(Self {
            protocol: request.protocol,
            frames: frames.transpose()?,
            clips: clips.transpose()?,
        })
    }

    /// Measures everything that was made of a clip.
    pub(crate) fn scores(&self, sample: &Sample, made: &[Pixels]) -> Result<Vec<ClipScore>> {
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
