//! Which frames of a clip its latents stand for. Source: spec/taehv.md 0 and 5.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::frames::{TIME, filled, without_first};
use crate::frames::FrameRule;

/// Frames of a chunk of MiniMax H3.
const H3_CHUNK: usize = 17;
/// Frames of zeros in front of each chunk, and latents dropped at the end.
const H3_ZEROS: usize = 3;
/// Latents and raw frames of a chunk.
const H3_LATENTS: usize = 5;
const H3_RAW: usize = 20;
/// Frames dropped at the end.
const H3_DROPPED: usize = 12;

/// How the large model that is imitated cuts a clip into latents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClipRule {
    /// One frame, then as many as share a latent: Wan, Hunyuan Video, LTX, Open-Sora.
    #[default]
    Plain,
    /// The same, but an even number of latents stands for whole groups from the first frame on.
    CogVideoX,
    /// Chunks of 17 frames behind three frames of zeros.
    H3,
}

impl ClipRule {
    /// Which clip lengths come back whole.
    pub(crate) fn lengths(self, per_latent: usize) -> FrameRule {
        match self {
            Self::Plain => FrameRule {
                step: per_latent,
                offset: 1,
            },
            // Odd numbers of latents.
            Self::CogVideoX => FrameRule {
                step: 2 * per_latent,
                offset: 1,
            },
            Self::H3 => FrameRule {
                step: H3_CHUNK,
                offset: H3_CHUNK - H3_DROPPED,
            },
        }
    }

    /// Latent frames of a clip of this many frames.
    pub(crate) fn latents(self, frames: usize, per_latent: usize) -> usize {
        match self {
            Self::Plain | Self::CogVideoX => frames.div_ceil(per_latent),
            Self::H3 => H3_LATENTS * frames.div_ceil(H3_CHUNK).max(1) - H3_ZEROS,
        }
    }

    /// Clip frames of so many latents, each decoded to `decoded` frames.
    pub(crate) fn frames(self, latents: usize, decoded: usize) -> usize {
        let raw = latents * decoded;
        match self {
            Self::CogVideoX if latents.is_multiple_of(2) => raw,
            Self::Plain | Self::CogVideoX => raw - (decoded - 1),
            Self::H3 => raw.div_ceil(H3_RAW) * H3_CHUNK - H3_DROPPED,
        }
    }

    /// Whether chunks of a stream can be told from one another by what came before alone.
    pub(crate) fn streams(self) -> bool {
        self == Self::Plain
    }
}

/// Encodes the chunks of H3 by themselves and drops the last latents.
///
/// # Shapes
/// `[B, 3, T, H, W]` to `[B, C, T', H', W']`.
pub(crate) fn encode_h3(clip: Tensor<5>, encode: impl Fn(Tensor<5>) -> Tensor<5>) -> Tensor<5> {
    let clip = filled(clip, H3_CHUNK);
    let mut zeros = clip.dims();
    let frames = std::mem::replace(&mut zeros[TIME], H3_ZEROS);
    let zeros = Tensor::zeros(zeros, (&clip.device(), clip.dtype()));
    let chunks = (0..frames).step_by(H3_CHUNK).map(|start| {
        let chunk = clip.clone().narrow(TIME, start, H3_CHUNK);
        encode(Tensor::cat(vec![zeros.clone(), chunk], TIME))
    });
    let latents = Tensor::cat(chunks.collect(), TIME);
    let kept = latents.dims()[TIME] - H3_ZEROS;
    latents.narrow(TIME, 0, kept)
}

/// Of raw frames, filled with zeros to whole chunks, those that H3 keeps.
pub(crate) fn drop_h3(raw: Tensor<5>) -> Tensor<5> {
    let mut zeros = raw.dims();
    let frames = zeros[TIME];
    zeros[TIME] = frames.next_multiple_of(H3_RAW) - frames;
    let device = (&raw.device(), raw.dtype());
    let whole = if zeros[TIME] == 0 {
        raw
    } else {
        Tensor::cat(vec![raw, Tensor::zeros(zeros, device)], TIME)
    };
    let frames = whole.dims()[TIME];
    let chunks = (0..frames)
        .step_by(H3_RAW)
        .map(|start| without_first(whole.clone().narrow(TIME, start, H3_RAW), H3_ZEROS));
    let kept = Tensor::cat(chunks.collect(), TIME);
    let left = kept.dims()[TIME] - H3_DROPPED;
    kept.narrow(TIME, 0, left)
}
