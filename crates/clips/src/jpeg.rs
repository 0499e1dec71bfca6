//! Folders of JPEG frames, decoded without ffmpeg: what travels to machines that have none.

use std::path::{Path, PathBuf};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::clip::Clip;
use crate::ffmpeg::{FrameSize, VideoError, pictures};
use crate::frame::Frame;

/// The pictures of a folder in order, if they are all JPEG files.
///
/// # Errors
/// If the folder cannot be read or holds no pictures.
pub fn jpeg_frames(folder: &Path) -> Result<Option<Vec<PathBuf>>, VideoError> {
    let pictures = pictures(folder)?;
    let is_jpeg = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        ending == "jpg" || ending == "jpeg"
    };
    Ok(pictures.iter().all(is_jpeg).then_some(pictures))
}

/// Decodes JPEG files of one size into a clip.
///
/// # Errors
/// If a file cannot be read, is damaged or has another size than the first, or if there is none.
pub fn read_jpegs(files: &[PathBuf], size: FrameSize) -> Result<Clip, VideoError> {
    let mut clip: Option<Clip> = None;
    for path in files {
        let frame = size.apply(read(path)?)?;
        match &mut clip {
            Some(clip) => clip.push_frame(&frame)?,
            None => clip = Some(Clip::new(frame.width(), frame.height(), frame.into_rgb())?),
        }
    }
    clip.ok_or_else(|| VideoError::NoFrames {
        path: files.first().cloned().unwrap_or_default(),
    })
}

fn read(path: &Path) -> Result<Frame, VideoError> {
    let bytes = std::fs::read(path).map_err(|source| VideoError::Unreadable {
        path: path.into(),
        source,
    })?;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    let damaged = |detail: String| VideoError::Damaged {
        path: path.into(),
        detail,
    };
    let rgb = decoder
        .decode()
        .map_err(|error| damaged(error.to_string()))?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged("it has no size".to_owned()))?;
    Ok(Frame::new(info.width.into(), info.height.into(), rgb)?)
}
