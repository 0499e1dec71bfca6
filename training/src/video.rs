//! Video files in and out.

use std::path::Path;

use anyhow::Result;
use clips::Clip;
use clips::ffmpeg::{self, DecodeOptions, FrameSize, VideoError};

/// A decoded video.
pub(crate) struct Video {
    pub(crate) clip: Clip,
    /// Frames a second.
    pub(crate) rate: f64,
}

/// Decodes a video, its shorter side scaled down to `short` pixels where it is longer, and at
/// most `frames` frames of it.
pub(crate) fn read(path: &Path, short: Option<usize>, frames: Option<usize>) -> Result<Video> {
    let info = ffmpeg::probe(path)?;
    let size = match short {
        Some(short) if info.width.min(info.height) > short => FrameSize::ShortSide(short),
        _ => FrameSize::Original,
    };
    let options = DecodeOptions {
        max_frames: frames,
        size,
        ..DecodeOptions::default()
    };
    Ok(Video {
        clip: ffmpeg::decode(path, &options)?,
        rate: info.fps,
    })
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
