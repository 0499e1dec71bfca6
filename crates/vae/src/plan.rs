//! How long clips and latents are cut into the chunks of a stream.

use std::ops::Range;

use crate::frames::FrameRule;
use crate::pass::TemporalRule;

/// One step of a [`DecoderStream`](crate::DecoderStream).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeChunk {
    /// Latent frames to feed, look-ahead included.
    pub latents: Range<usize>,
    /// How many of them, at the end, are only looked at.
    pub look_ahead: usize,
    /// Clip frames that come out.
    pub frames: usize,
}

/// Latent frames of a clip: a causal model's first frame has one of its own.
pub(crate) fn latent_frames(rule: TemporalRule, per_latent: usize, frames: usize) -> usize {
    match rule {
        TemporalRule::Causal => 1 + frames.saturating_sub(1) / per_latent,
        TemporalRule::Symmetric => frames.div_ceil(per_latent),
    }
}

/// Frame ranges to encode: a causal model's first frame, then chunks of so many latent frames; a
/// symmetric model's segments.
pub(crate) fn encode(
    rule: TemporalRule,
    lengths: FrameRule,
    frames: usize,
    chunk: usize,
) -> Vec<Range<usize>> {
    match rule {
        TemporalRule::Symmetric => ranges(0, frames, lengths.step),
        TemporalRule::Causal => {
            let legal = 1 + frames.saturating_sub(1) / lengths.step * lengths.step;
            let first = std::iter::once(0..1);
            first
                .chain(ranges(1, legal, chunk * lengths.step))
                .collect()
        }
    }
}

/// Chunks to decode, likewise; with `looks_ahead` all but the last see a latent more.
pub(crate) fn decode(
    rule: TemporalRule,
    per_latent: usize,
    looks_ahead: bool,
    latents: usize,
    chunk: usize,
) -> Vec<DecodeChunk> {
    let segment = FrameRule::of(rule, per_latent).step / per_latent;
    let apart = match rule {
        TemporalRule::Symmetric => return parts(0, latents, segment, per_latent, false),
        TemporalRule::Causal => DecodeChunk {
            latents: 0..1,
            look_ahead: 0,
            frames: 1,
        },
    };
    let mut plan = vec![apart];
    plan.extend(parts(1, latents, chunk, per_latent, looks_ahead));
    plan
}

fn parts(
    start: usize,
    end: usize,
    step: usize,
    per_latent: usize,
    looks_ahead: bool,
) -> Vec<DecodeChunk> {
    let part = |own: Range<usize>| {
        let look_ahead = usize::from(looks_ahead && own.end < end);
        DecodeChunk {
            latents: own.start..own.end + look_ahead,
            look_ahead,
            frames: own.len() * per_latent,
        }
    };
    ranges(start, end, step).into_iter().map(part).collect()
}

pub(crate) fn ranges(start: usize, end: usize, step: usize) -> Vec<Range<usize>> {
    (start..end)
        .step_by(step)
        .map(|s| s..(s + step).min(end))
        .collect()
}
