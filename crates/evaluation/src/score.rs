//! How close a model's reconstruction of a clip is.

use analysis::{BLOCK_SIDE, FrameShape, block_grid, clip_quality, flicker, mean_quality};
use anyhow::{Context, Result};
use clips::{Clip, Extent, to_unit_f32};
use codec::Reconstruction;

/// A clip's figures.
#[derive(Clone, Debug)]
pub struct ClipScore {
    /// The clip's name.
    pub name: String,
    /// Mean over frames, dB.
    pub psnr: f64,
    /// Mean over frames; not a number for frames too small to have one.
    pub ssim: f64,
    /// How far it changes over time otherwise than the original; see [`analysis::flicker`].
    pub flicker: Option<f64>,
    /// How much more its error jumps at the edges of blocks; see [`analysis::block_grid`].
    pub grid: Option<f64>,
    /// Share of the latent's energy that the mask keeps, where there is a latent.
    pub retained: Option<f64>,
    /// Mean perceptual distance over frames, where a network was given to measure it.
    pub perceptual: Option<f64>,
    /// I3D's logits of the reconstruction, where rFVD is measured.
    pub logits: Option<Vec<f32>>,
}

/// Measures a reconstruction.
///
/// # Errors
/// If it is of another size than the clip, or has no frames.
pub fn compare(name: &str, clip: &Clip, result: &Reconstruction) -> Result<ClipScore> {
    Ok(ClipScore {
        retained: Some(result.retained),
        ..compare_pixels(name, &Pixels::of(clip), &Pixels::of(&result.clip))?
    })
}

/// A clip as it is measured: `[T, H, W, 3]`, originals in [0, 1].
pub struct Pixels {
    /// Row by row.
    pub values: Vec<f32>,
    /// Frames, rows and columns.
    pub extent: Extent,
}

impl Pixels {
    /// Those of a clip, in [0, 1].
    pub fn of(clip: &Clip) -> Self {
        Self {
            values: to_unit_f32(clip),
            extent: clip.extent(),
        }
    }
}

/// Measures frames against their original.
///
/// # Errors
/// If they are of another size than the original, or there are none.
pub fn compare_pixels(name: &str, original: &Pixels, made: &Pixels) -> Result<ClipScore> {
    let (a, b, shape) = (&original.values, &made.values, shape(original.extent));
    let frames = clip_quality(a, b, shape)?;
    let quality = mean_quality(&frames).with_context(|| format!("{name} has no frames"))?;
    Ok(ClipScore {
        name: name.to_owned(),
        psnr: quality.psnr,
        ssim: quality.ssim.unwrap_or(f64::NAN),
        flicker: flicker(a, b, shape)?,
        grid: block_grid(a, b, shape, BLOCK_SIDE)?,
        retained: None,
        perceptual: None,
        logits: None,
    })
}

/// A clip's shape as the measures take it.
pub(crate) fn shape(extent: Extent) -> FrameShape {
    FrameShape {
        frames: extent.frames,
        height: extent.height,
        width: extent.width,
    }
}

/// Mean of a figure over clips; not a number without clips.
pub fn mean(scores: &[ClipScore], figure: impl Fn(&ClipScore) -> f64) -> f64 {
    scores.iter().map(figure).sum::<f64>() / scores.len() as f64
}
