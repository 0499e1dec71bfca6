//! Video files in and out.

use std::path::Path;

use anyhow::Result;
use clips::ffmpeg::{self, DecodeOptions, FrameSize, PICTURE_RATE, VideoError};
use clips::{Clip, jpeg_frames, read_jpegs};

/// A decoded video.
pub(crate) struct Video {
    pub(crate) clip: Clip,
    /// Frames a second.
    pub(crate) rate: f64,
}

/// How much of a video is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    /// What the shorter side is scaled down to, where it is longer.
    pub(crate) short_side: Option<usize>,
    /// The most frames, from the start.
    pub(crate) frames: Option<usize>,
    /// The most frames a second.
    pub(crate) max_fps: Option<f64>,
}

/// Decodes a video file or a folder of pictures.
pub(crate) fn read(path: &Path, part: &Part) -> Result<Video> {
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
pub(crate) fn at_most(short: Option<usize>) -> FrameSize {
    short.map_or(FrameSize::Original, FrameSize::ShortSideAtMost)
}

/// The clip of a folder of JPEG frames, which needs no ffmpeg; `None` for anything else.
fn jpeg_clip(path: &Path, part: &Part) -> Result<Option<Clip>> {
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

/// Writes a clip as a video.
pub(crate) fn write(path: &Path, clip: &Clip, rate: f64) -> Result<()> {
    Ok(ffmpeg::encode(path, clip, rate)?)
}

/// Whether an error is about the file that was read and other files may do, not about ffmpeg.
pub(crate) fn is_about_file(error: &anyhow::Error) -> bool {
    let video = error.downcast_ref::<VideoError>();
    video.is_some_and(|error| {
        !matches!(
            error,
            VideoError::MissingTool { .. } | VideoError::Tool { .. }
        )
    })
}
