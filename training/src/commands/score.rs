//! How close a model's reconstruction of a clip is.

use analysis::{FrameShape, clip_quality, flicker, mean_quality};
use anyhow::{Context, Result};
use clips::{Clip, to_unit_f32};

use crate::codec::Reconstruction;

/// A clip's figures.
#[derive(Clone, Debug)]
pub(crate) struct ClipScore {
    pub(crate) name: String,
    /// Mean over frames, dB, on 8-bit frames.
    pub(crate) psnr: f64,
    /// Mean over frames; not a number for frames too small to have one.
    pub(crate) ssim: f64,
    /// How far it changes over time otherwise than the original; see [`analysis::flicker`].
    pub(crate) flicker: Option<f64>,
    /// Share of the latent's energy that the mask keeps, where there is a latent.
    pub(crate) retained: Option<f64>,
    /// Mean perceptual distance over frames, where a network was given to measure it.
    pub(crate) perceptual: Option<f64>,
    /// I3D's logits of the reconstruction, where rFVD is measured.
    pub(crate) logits: Option<Vec<f32>>,
}

/// Measures a reconstruction.
pub(crate) fn compare(name: &str, clip: &Clip, result: &Reconstruction) -> Result<ClipScore> {
    Ok(ClipScore {
        retained: Some(result.retained),
        ..compare_clips(name, clip, &result.clip)?
    })
}

/// Measures a clip against its original.
pub(crate) fn compare_clips(name: &str, original: &Clip, made: &Clip) -> Result<ClipScore> {
    let (a, b, shape) = (to_unit_f32(original), to_unit_f32(made), shape(original));
    let frames = clip_quality(&a, &b, shape)?;
    let quality = mean_quality(&frames).with_context(|| format!("{name} has no frames"))?;
    Ok(ClipScore {
        name: name.to_owned(),
        psnr: quality.psnr,
        ssim: quality.ssim.unwrap_or(f64::NAN),
        flicker: flicker(&a, &b, shape)?,
        retained: None,
        perceptual: None,
        logits: None,
    })
}

/// A clip's shape as the measures take it.
pub(crate) fn shape(clip: &Clip) -> FrameShape {
    let extent = clip.extent();
    FrameShape {
        frames: extent.frames,
        height: extent.height,
        width: extent.width,
    }
}

/// Mean of a figure over clips; not a number without clips.
pub(crate) fn mean(scores: &[ClipScore], figure: impl Fn(&ClipScore) -> f64) -> f64 {
    scores.iter().map(figure).sum::<f64>() / scores.len() as f64
}
