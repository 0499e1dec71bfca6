//! How close a model's reconstruction of a clip is.

use analysis::{FrameShape, clip_quality, mean_quality};
use anyhow::{Context, Result};
use clips::{Clip, to_unit_f32};
use wavelet::Mask;

use super::perceptual::Perceptual;
use crate::codec::{Codec, Reconstruction};

/// A clip's figures.
#[derive(Clone, Debug)]
pub(crate) struct ClipScore {
    pub(crate) name: String,
    /// Mean over frames, dB, on 8-bit frames.
    pub(crate) psnr: f64,
    /// Mean over frames; not a number for frames too small to have one.
    pub(crate) ssim: f64,
    /// Share of the latent's energy that the mask keeps.
    pub(crate) retained: f64,
    /// Mean perceptual distance over frames, where a network was given to measure it.
    pub(crate) perceptual: Option<f64>,
}

/// Reconstructs a clip through a mask and measures the result.
pub(crate) fn score(
    codec: &Codec,
    name: &str,
    clip: &Clip,
    mask: &Mask,
    perceptual: Option<&Perceptual>,
) -> Result<ClipScore> {
    let made = codec.reconstruct(clip, mask)?;
    Ok(ClipScore {
        perceptual: perceptual.map(|network| network.between(clip, &made.clip)),
        ..compare(name, clip, &made)?
    })
}

/// Measures a reconstruction.
pub(crate) fn compare(name: &str, clip: &Clip, result: &Reconstruction) -> Result<ClipScore> {
    let extent = clip.extent();
    let shape = FrameShape {
        frames: extent.frames,
        height: extent.height,
        width: extent.width,
    };
    let frames = clip_quality(&to_unit_f32(clip), &to_unit_f32(&result.clip), shape)?;
    let quality = mean_quality(&frames).with_context(|| format!("{name} has no frames"))?;
    Ok(ClipScore {
        name: name.to_owned(),
        psnr: quality.psnr,
        ssim: quality.ssim.unwrap_or(f64::NAN),
        retained: result.retained,
        perceptual: None,
    })
}

/// Mean of a figure over clips; not a number without clips.
pub(crate) fn mean(scores: &[ClipScore], figure: impl Fn(&ClipScore) -> f64) -> f64 {
    scores.iter().map(figure).sum::<f64>() / scores.len() as f64
}
