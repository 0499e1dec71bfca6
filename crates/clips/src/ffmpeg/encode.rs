//! Writing a clip to a video file.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::error::VideoError;
use super::process::{Tool, address, last_line};
use crate::clip::Clip;
use crate::pad::pad_to_multiple;

/// A kind of file that can be written: its ffmpeg name and the codec's options.
struct Format {
    muxer: &'static str,
    codec: String,
}

/// Quality at which H.264's loss is hard to see.
const FINE: u8 = 12;

impl Format {
    fn mp4(crf: u8) -> Self {
        Self {
            muxer: "mp4",
            codec: format!("-c:v libx264 -preset medium -crf {crf} -movflags +faststart"),
        }
    }

    fn webm() -> Self {
        Self {
            muxer: "webm",
            codec: "-c:v libvpx-vp9 -crf 14 -b:v 0 -cpu-used 4 -row-mt 1".into(),
        }
    }
}

/// Writes a clip at `fps` frames a second: H.264 for `.mp4`, VP9 for `.webm`, 4:2:0, tagged BT.709,
/// at a quality where the loss is hard to see. Odd sides gain one repeated row or column, which
/// 4:2:0 needs. The file appears only when it is complete; an older one is replaced.
///
/// Fails when ffmpeg is missing, the ending is another one, the clip has no frames, or the file
/// cannot be written.
pub fn encode(path: &Path, clip: &Clip, fps: f64) -> Result<(), VideoError> {
    write(path, &format_of(path)?, clip, fps)
}

/// Writes a clip as H.264 in mp4, like [`encode`] but at a quality of choice: x264's constant rate
/// factor, 0 (lossless but for 4:2:0) to 51, preset medium.
///
/// Fails as [`encode`] does.
pub fn encode_h264(path: &Path, clip: &Clip, fps: f64, crf: u8) -> Result<(), VideoError> {
    write(path, &Format::mp4(crf), clip, fps)
}

fn write(path: &Path, format: &Format, clip: &Clip, fps: f64) -> Result<(), VideoError> {
    let nothing = |reason| VideoError::NothingToWrite {
        path: path.into(),
        reason,
    };
    if clip.frames() == 0 {
        return Err(nothing("the clip has no frames"));
    }
    if !fps.is_finite() || fps <= 0.0 {
        return Err(nothing("the frame rate must be a positive number"));
    }
    let partial = partial_path(path);
    let unwritable = |detail: String| VideoError::Unwritable {
        path: path.into(),
        detail,
    };
    // Asked of the system first, for its plain words.
    std::fs::File::create(&partial).map_err(|error| unwritable(error.to_string()))?;
    let written = run(&partial, format, &pad_to_multiple(clip, 2)?, fps)
        .and_then(|complaint| complaint.map_or(Ok(()), |said| Err(unwritable(said))))
        .and_then(|()| {
            std::fs::rename(&partial, path).map_err(|error| unwritable(error.to_string()))
        });
    if written.is_err() {
        // Nothing better can be done about a leftover than to report the first error.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn format_of(path: &Path) -> Result<Format, VideoError> {
    let ending = path
        .extension()
        .and_then(OsStr::to_str)
        .map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("mp4") => Ok(Format::mp4(FINE)),
        Some("webm") => Ok(Format::webm()),
        _ => Err(VideoError::UnknownEnding { path: path.into() }),
    }
}

fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Runs ffmpeg to the end; gives its complaint if it failed.
fn run(path: &Path, format: &Format, clip: &Clip, fps: f64) -> Result<Option<String>, VideoError> {
    let mut tool = Tool::start("ffmpeg", arguments(path, format, clip, fps), Stdio::piped())?;
    // When ffmpeg gives up early the pipe breaks; its own words say why.
    let sent = tool.stdin().map(|mut pipe| pipe.write_all(clip.data()));
    let (status, complaint) = tool.finish()?;
    let complete = status.success() && matches!(sent, Some(Ok(())));
    Ok((!complete).then(|| last_line(&complaint)))
}

fn arguments(path: &Path, format: &Format, clip: &Clip, fps: f64) -> Vec<OsString> {
    let size = format!("{}x{}", clip.width(), clip.height());
    let rate = fps.to_string();
    let input = ["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"];
    let picture = ["-video_size", &size, "-framerate", &rate, "-i", "pipe:0"];
    let colours = [
        "-vf",
        "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int",
        "-pix_fmt",
        "yuv420p",
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-color_range",
        "tv",
    ];
    let parts = input.into_iter().chain(picture).chain(colours);
    let parts = parts.chain(format.codec.split(' '));
    let output = ["-f".into(), format.muxer.into(), address(path)];
    parts.map(OsString::from).chain(output).collect()
}
