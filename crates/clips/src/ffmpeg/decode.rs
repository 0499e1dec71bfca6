//! Reading frames from a video file.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Stdio};

use super::error::VideoError;
use super::pictures::{pictures, script};
use super::probe::{VideoInfo, probe};
use super::process::{Tool, address, last_line};
use crate::clip::Clip;
use crate::crop::{cover, fit};
use crate::error::check_size;
use crate::frame::Frame;
use crate::resize::{resize_short_side, short_side_size};

/// Rows from which a stream that does not name its colour matrix is taken for BT.709, as browsers
/// do; smaller ones are taken for BT.601.
const HD_ROWS: usize = 720;

/// Which frames to read, and how large.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodeOptions {
    /// Seconds to skip.
    pub start_seconds: f64,
    /// Frames a second that are left of a faster video; `None` for all.
    pub rate: Option<f64>,
    /// Frames to skip, after the seconds.
    pub start_frame: usize,
    /// Every how many-th frame to take; 0 counts as 1.
    pub stride: usize,
    /// How many frames to take at most; `None` for all.
    pub max_frames: Option<usize>,
    /// How large the frames become.
    pub size: FrameSize,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            start_seconds: 0.0,
            rate: None,
            start_frame: 0,
            stride: 1,
            max_frames: None,
            size: FrameSize::Original,
        }
    }
}

/// How large decoded frames become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameSize {
    /// As the video is viewed.
    Original,
    /// Scaled to cover this size, then cropped to its middle; see [`crate::fit`].
    Fit {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// Scaled, aspect kept, until the shorter side has this many pixels.
    ShortSide(usize),
    /// The same where the shorter side has more, else as the video is viewed.
    ShortSideAtMost(usize),
}

impl FrameSize {
    pub(crate) fn apply(self, frame: Frame) -> Result<Frame, VideoError> {
        Ok(match self {
            Self::Original => frame,
            Self::Fit { width, height } => fit(&frame, width, height)?,
            Self::ShortSide(short) => resize_short_side(&frame, short)?,
            Self::ShortSideAtMost(short) if frame.width().min(frame.height()) <= short => frame,
            Self::ShortSideAtMost(short) => resize_short_side(&frame, short)?,
        })
    }

    /// The size before cropping of a `width x height` frame.
    fn scaled(self, width: usize, height: usize) -> (usize, usize) {
        match self {
            Self::Original => (width, height),
            Self::Fit {
                width: w,
                height: h,
            } => cover(width, height, w, h),
            Self::ShortSideAtMost(short) if width.min(height) <= short => (width, height),
            Self::ShortSide(short) | Self::ShortSideAtMost(short) => {
                short_side_size(width, height, short)
            }
        }
    }
}

/// Decodes frames of a video file into a clip.
///
/// Fails as [`open`] does, and when a frame is damaged or none lies after the start.
pub fn decode(path: &Path, options: &DecodeOptions) -> Result<Clip, VideoError> {
    open(path, options)?.into_clip()
}

/// Starts reading frames of a video file, or of a folder of pictures, one at a time.
///
/// Fails when ffmpeg is missing, the file is unreadable, empty, damaged or no video, or the asked
/// size has no pixels.
pub fn open(path: &Path, options: &DecodeOptions) -> Result<Frames, VideoError> {
    match options.size {
        FrameSize::Original => {}
        FrameSize::Fit { width, height } => check_size(width, height)?,
        FrameSize::ShortSide(short) | FrameSize::ShortSideAtMost(short) => {
            check_size(short, short)?
        }
    }
    let info = probe(path)?;
    let (width, height) = piped_size(&info, options.size);
    let filters = filters(options, &info, width, height);
    let mut tool = start(path, options, &info, &filters)?;
    let pipe = tool.stdout();
    let left = options.max_frames.unwrap_or(usize::MAX);
    let running = pipe.map(|pipe| Running { tool, pipe });
    Ok(Frames {
        path: path.into(),
        width,
        height,
        size: options.size,
        fps: info.fps,
        left,
        running,
    })
}

/// The frames of a video file in order; ends after the last one or the first error.
pub struct Frames {
    path: PathBuf,
    /// Size in which ffmpeg hands the frames over.
    width: usize,
    height: usize,
    size: FrameSize,
    fps: f64,
    left: usize,
    running: Option<Running>,
}

struct Running {
    tool: Tool,
    pipe: ChildStdout,
}

impl Iterator for Frames {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            self.running = None;
            return None;
        }
        let running = self.running.as_mut()?;
        let mut rgb = vec![0; self.width * self.height * 3];
        match read_up_to(&mut running.pipe, &mut rgb) {
            Ok(count) if count == rgb.len() => {
                self.left -= 1;
                let frame = Frame::new(self.width, self.height, rgb).map_err(VideoError::from);
                Some(frame.and_then(|frame| self.size.apply(frame)))
            }
            Ok(count) => self.end(count > 0),
            Err(source) => {
                let error = running.tool.error(source);
                self.running = None;
                Some(Err(error))
            }
        }
    }
}

impl Frames {
    /// Frames a second of the whole video; 0 when the file does not say.
    pub fn fps(&self) -> f64 {
        self.fps
    }

    /// All frames that are left, as a clip.
    ///
    /// Fails when one is damaged or there is none.
    pub fn into_clip(mut self) -> Result<Clip, VideoError> {
        let mut clip: Option<Clip> = None;
        for frame in &mut self {
            let frame = frame?;
            match &mut clip {
                Some(clip) => clip.push_frame(&frame)?,
                None => clip = Some(Clip::new(frame.width(), frame.height(), frame.into_rgb())?),
            }
        }
        clip.ok_or(VideoError::NoFrames { path: self.path })
    }

    /// Whether the end of the stream is the end of the video or of what is readable of it.
    fn end(&mut self, broken_frame: bool) -> Option<Result<Frame, VideoError>> {
        let Running { tool, pipe } = self.running.take()?;
        drop(pipe);
        match tool.finish() {
            Ok((status, said)) if !status.success() || broken_frame || speaks_of_damage(&said) => {
                let detail = last_line(&said);
                Some(Err(VideoError::Damaged {
                    path: self.path.clone(),
                    detail,
                }))
            }
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Fills `buffer` as far as the pipe goes; gives the bytes read.
fn read_up_to(pipe: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match pipe.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// ffmpeg skips what it cannot decode and calls that success; only its words tell.
fn speaks_of_damage(said: &str) -> bool {
    let words = [
        "partial file",
        "Invalid data",
        "corrupt",
        "truncat",
        "ended prematurely",
        "rror while decoding",
    ];
    words.iter().any(|words| said.contains(words))
}

/// The size in which ffmpeg hands frames over: the video's own, or, when that is more than four
/// times what is wanted, an area average of still at least twice as much.
fn piped_size(info: &VideoInfo, size: FrameSize) -> (usize, usize) {
    let (width, height) = size.scaled(info.width, info.height);
    let factor = (info.width / width).min(info.height / height);
    if factor <= 4 {
        return (info.width, info.height);
    }
    (
        info.width.div_ceil(factor / 2),
        info.height.div_ceil(factor / 2),
    )
}

/// Starts ffmpeg on a file, or on a folder of pictures, whose list it reads from its input.
fn start(
    path: &Path,
    options: &DecodeOptions,
    info: &VideoInfo,
    filters: &str,
) -> Result<Tool, VideoError> {
    if !path.is_dir() {
        let input = ["-nostdin".into(), "-i".into(), address(path)];
        let arguments = arguments(&input, options, info, filters);
        return Tool::start("ffmpeg", arguments, Stdio::null());
    }
    let script = script(&pictures(path)?);
    // A damaged picture would otherwise be left out, or be grey from some row on.
    let input = "-err_detect explode -xerror -f concat -safe 0 -i pipe:0";
    let input: Vec<OsString> = input.split(' ').map(Into::into).collect();
    let arguments = arguments(&input, options, info, filters);
    let mut tool = Tool::start("ffmpeg", arguments, Stdio::piped())?;
    if let Some(mut pipe) = tool.stdin() {
        // When ffmpeg gives up early the pipe breaks; its own words say why.
        let _ = pipe.write_all(script.as_bytes());
    }
    Ok(tool)
}

fn arguments(
    input: &[OsString],
    options: &DecodeOptions,
    info: &VideoInfo,
    filters: &str,
) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ["-v", "error", "-protocol_whitelist", "file,pipe"]
        .map(Into::into)
        .into();
    if options.start_seconds > 0.0 {
        arguments.extend(["-ss".into(), format!("{:.6}", options.start_seconds).into()]);
    }
    arguments.extend_from_slice(input);
    arguments.extend(["-map".into(), format!("0:{}", info.stream).into()]);
    arguments.extend(["-vf".into(), filters.into()]);
    if let Some(frames) = options.max_frames {
        arguments.extend(["-frames:v".into(), frames.to_string().into()]);
    }
    let output = [
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "pipe:1",
    ];
    arguments.extend(output.map(Into::into));
    arguments
}

fn filters(options: &DecodeOptions, info: &VideoInfo, width: usize, height: usize) -> String {
    let (start, stride) = (options.start_frame, options.stride.max(1));
    let matrix = match (info.matrix_known, info.height.min(info.width) >= HD_ROWS) {
        (true, _) => "auto",
        (false, true) => "bt709",
        (false, false) => "bt601",
    };
    // Bicubic for the chroma planes alone when the size stays.
    let kernel = if (width, height) == (info.width, info.height) {
        "bicubic"
    } else {
        "area"
    };
    // Rates within a hundredth are the same: 29.97 and 30.
    let slower = match options.rate {
        Some(rate) if rate > 0.0 && info.fps > 1.01 * rate => format!("fps={rate},"),
        _ => String::new(),
    };
    format!(
        "{slower}select='gte(n,{start})*not(mod(n-{start},{stride}))',\
         scale={width}:{height}:in_color_matrix={matrix}:\
         flags={kernel}+accurate_rnd+full_chroma_int+full_chroma_inp"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(width: usize, height: usize) -> VideoInfo {
        VideoInfo {
            width,
            height,
            fps: 25.0,
            frames: None,
            duration: None,
            codec: String::new(),
            rotation: 0,
            stream: 0,
            matrix_known: false,
        }
    }

    #[test]
    fn only_far_larger_sources_are_shrunk_beforehand() {
        let fit = FrameSize::Fit {
            width: 128,
            height: 128,
        };
        assert_eq!(piped_size(&info(640, 512), fit), (640, 512));
        assert_eq!(piped_size(&info(3840, 2160), fit), (480, 270));
        assert_eq!(
            piped_size(&info(3840, 2160), FrameSize::Original),
            (3840, 2160)
        );
    }

    #[test]
    fn frames_are_dropped_and_never_repeated_to_reach_a_rate() {
        let filters = |rate| {
            let options = DecodeOptions {
                rate: Some(rate),
                ..DecodeOptions::default()
            };
            super::filters(&options, &info(64, 48), 64, 48)
        };
        assert!(filters(12.5).starts_with("fps=12.5,select="));
        assert!(filters(24.9).starts_with("select="));
        assert!(filters(60.0).starts_with("select="));
    }

    #[test]
    fn untagged_colours_go_by_size() {
        let matrix = |info| filters(&DecodeOptions::default(), &info, 8, 8);
        assert!(matrix(info(1280, 720)).contains("bt709"));
        assert!(matrix(info(720, 576)).contains("bt601"));
        assert!(
            matrix(VideoInfo {
                matrix_known: true,
                ..info(720, 576)
            })
            .contains("auto")
        );
    }
}
