//! Video files and folders of pictures, whichever is there: as much of one as is wanted.

use std::path::Path;

use crate::clip::Clip;
use crate::ffmpeg::{self, DecodeOptions, FrameSize, PICTURE_RATE, VideoError};
use crate::jpeg::{jpeg_frames, read_jpegs};

/// A decoded video.
pub struct Video {
    /// Its frames.
    pub clip: Clip,
    /// Frames a second.
    pub rate: f64,
}

/// How much of a video is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// What the shorter side is scaled down to, where it is longer.
    pub short_side: Option<usize>,
    /// The most frames, from the start.
    pub frames: Option<usize>,
    /// The most frames a second.
    pub max_fps: Option<f64>,
}

/// Decodes a video file or a folder of pictures.
///
/// # Errors
/// If it cannot be read or decoded, or holds no frames.
pub fn read(path: &Path, part: &Part) -> Result<Video, VideoError> {
    if let Some(clip) = jpeg_clip(path, part)? {
        let rate = PICTURE_RATE;
        return Ok(Video { clip, rate });
    }
    let options = DecodeOptions {
        max_frames: part.frames,
        rate: part.max_fps,
        size: at_most(part.short_side),
        ..DecodeOptions::default()
    };
    let frames = ffmpeg::open(path, &options)?;
    let rate = frames.fps();
    let clip = frames.into_clip()?;
    Ok(Video { clip, rate })
}

/// The size of frames whose shorter side is scaled down to `short` pixels where it is longer.
pub fn at_most(short: Option<usize>) -> FrameSize {
    short.map_or(FrameSize::Original, FrameSize::ShortSideAtMost)
}

/// The clip of a folder of JPEG frames, which needs no ffmpeg; `None` for anything else.
fn jpeg_clip(path: &Path, part: &Part) -> Result<Option<Clip>, VideoError> {
    let slower = part.max_fps.is_some_and(|rate| rate < PICTURE_RATE);
    if !path.is_dir() || slower {
        return Ok(None);
    }
    let Some(mut files) = jpeg_frames(path)? else {
        return Ok(None);
    };
    files.truncate(part.frames.unwrap_or(usize::MAX));
    Ok(Some(read_jpegs(&files, at_most(part.short_side))?))
}
