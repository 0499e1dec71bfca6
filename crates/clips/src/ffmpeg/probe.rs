//! What a video file holds.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Deserialize;

use super::error::VideoError;
use super::pictures::{PICTURE_RATE, pictures};
use super::process::{Tool, address, last_line};

/// What a video file holds, as seen by a viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoInfo {
    /// Columns, after rotation and with square pixels.
    pub width: usize,
    /// Rows, after rotation.
    pub height: usize,
    /// Frames a second on average; 0 when the file does not say.
    pub fps: f64,
    /// Number of frames, as the file says or from its duration.
    pub frames: Option<usize>,
    /// Length in seconds.
    pub duration: Option<f64>,
    /// ffmpeg's name of the codec, such as `h264`.
    pub codec: String,
    /// Clockwise quarter turns applied for viewing, in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// ffmpeg's index of the stream.
    pub(super) stream: usize,
    /// Whether the stream names its colour matrix.
    pub(super) matrix_known: bool,
}

/// Reads what a video file, or a folder of pictures, holds without decoding it; the size of a
/// folder's frames is that of its first picture.
///
/// Fails when ffmpeg is missing, or the file is unreadable, empty, damaged or no video.
pub fn probe(path: &Path) -> Result<VideoInfo, VideoError> {
    if !path.is_dir() {
        return probe_file(path);
    }
    let pictures = pictures(path)?;
    let count = pictures.len();
    let first = pictures.first().map_or(path, PathBuf::as_path);
    Ok(VideoInfo {
        fps: PICTURE_RATE,
        frames: Some(count),
        duration: Some(count as f64 / PICTURE_RATE),
        ..probe_file(first)?
    })
}

fn probe_file(path: &Path) -> Result<VideoInfo, VideoError> {
    check_file(path)?;
    let options = [
        "-v",
        "error",
        "-protocol_whitelist",
        "file,pipe",
        "-of",
        "json",
    ];
    let shown = ["-show_streams", "-show_format"].map(Into::into);
    let arguments = options
        .map(Into::into)
        .into_iter()
        .chain(shown)
        .chain([address(path)]);
    let mut tool = Tool::start("ffprobe", arguments, Stdio::null())?;
    let report = match tool.stdout() {
        Some(pipe) => std::io::read_to_string(pipe).map_err(|source| tool.error(source))?,
        None => String::new(),
    };
    let (status, complaint) = tool.finish()?;
    if !status.success() {
        return Err(refusal(path, &complaint));
    }
    let report: Report = serde_json::from_str(&report).unwrap_or_default();
    describe(path, report, &complaint)
}

fn check_file(path: &Path) -> Result<(), VideoError> {
    let unreadable = |source| VideoError::Unreadable {
        path: path.into(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(VideoError::NotAFile { path: path.into() });
    }
    if metadata.len() == 0 {
        return Err(VideoError::Empty { path: path.into() });
    }
    std::fs::File::open(path).map(drop).map_err(unreadable)
}

/// Why ffprobe refused the file: one that begins as videos do is damaged, any other is no video.
fn refusal(path: &Path, complaint: &str) -> VideoError {
    if begins_like_a_video(path).unwrap_or(false) {
        VideoError::Damaged {
            path: path.into(),
            detail: last_line(complaint),
        }
    } else {
        VideoError::NotAVideo { path: path.into() }
    }
}

fn begins_like_a_video(path: &Path) -> std::io::Result<bool> {
    let mut head = [0; 8];
    std::fs::File::open(path)?.read_exact(&mut head)?;
    let mp4_boxes: [&[u8]; 6] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"];
    let others: [&[u8]; 4] = [b"\x1a\x45\xdf\xa3", b"RIFF", b"OggS", b"\x00\x00\x01\xba"];
    Ok(mp4_boxes.contains(&&head[4..]) || others.contains(&&head[..4]))
}

fn describe(path: &Path, report: Report, complaint: &str) -> Result<VideoInfo, VideoError> {
    // ffmpeg plays text files as if typed on a terminal; nobody means that.
    if report.format.format_name == "tty" {
        return Err(VideoError::NotAVideo { path: path.into() });
    }
    let is_audio = |stream: &Stream| stream.codec_type == "audio";
    let is_video =
        |stream: &&Stream| stream.codec_type == "video" && stream.disposition.attached_pic == 0;
    let Some(stream) = report.streams.iter().find(is_video) else {
        return Err(if report.streams.iter().any(is_audio) {
            VideoError::AudioOnly { path: path.into() }
        } else {
            VideoError::NotAVideo { path: path.into() }
        });
    };
    if stream.width == 0 || stream.height == 0 {
        return Err(VideoError::Damaged {
            path: path.into(),
            detail: last_line(complaint),
        });
    }
    let duration = seconds(&stream.duration).or_else(|| seconds(&report.format.duration));
    let fps = ratio(&stream.avg_frame_rate).or_else(|| ratio(&stream.r_frame_rate));
    let counted = stream
        .nb_frames
        .as_ref()
        .and_then(|frames| frames.parse().ok());
    let estimated = || {
        duration
            .zip(fps)
            .map(|(seconds, fps)| (seconds * fps).round() as usize)
    };
    let rotation = stream.rotation();
    let (width, height) = viewed_size(stream, rotation);
    Ok(VideoInfo {
        width,
        height,
        fps: fps.unwrap_or(0.0),
        frames: counted.or_else(estimated),
        duration,
        codec: stream.codec_name.clone(),
        rotation,
        stream: stream.index,
        matrix_known: stream
            .color_space
            .as_deref()
            .is_some_and(|matrix| matrix != "unknown"),
    })
}

fn viewed_size(stream: &Stream, rotation: u16) -> (usize, usize) {
    let aspect = ratio(&stream.sample_aspect_ratio.replace(':', "/")).unwrap_or(1.0);
    let width = ((stream.width as f64 * aspect).round() as usize).max(1);
    if rotation.is_multiple_of(180) {
        (width, stream.height)
    } else {
        (stream.height, width)
    }
}

/// A positive fraction such as `30000/1001`.
fn ratio(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let value = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    (value.is_finite() && value > 0.0).then_some(value)
}

fn seconds(text: &Option<String>) -> Option<f64> {
    text.as_ref()?
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite() && *value >= 0.0)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Report {
    streams: Vec<Stream>,
    format: Format,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Format {
    format_name: String,
    duration: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stream {
    index: usize,
    codec_type: String,
    codec_name: String,
    width: usize,
    height: usize,
    sample_aspect_ratio: String,
    avg_frame_rate: String,
    r_frame_rate: String,
    nb_frames: Option<String>,
    duration: Option<String>,
    color_space: Option<String>,
    disposition: Disposition,
    side_data_list: Vec<SideData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Disposition {
    attached_pic: u8,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SideData {
    /// Counter-clockwise degrees.
    rotation: Option<f64>,
}

impl Stream {
    fn rotation(&self) -> u16 {
        let turned = self
            .side_data_list
            .iter()
            .find_map(|data| data.rotation)
            .unwrap_or(0.0);
        ((-turned / 90.0).round() * 90.0).rem_euclid(360.0) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_positive_numbers() {
        assert_eq!(ratio("30/2"), Some(15.0));
        assert_eq!(ratio("0/0"), None);
        assert_eq!(ratio("0/1"), None);
        assert_eq!(ratio("N/A"), None);
    }

    #[test]
    fn anamorphic_pixels_are_squared_and_quarter_turns_swap_the_sides() {
        let mut stream = Stream {
            width: 720,
            height: 576,
            sample_aspect_ratio: "16:15".into(),
            ..Stream::default()
        };
        assert_eq!(viewed_size(&stream, 0), (768, 576));
        assert_eq!(viewed_size(&stream, 270), (576, 768));
        stream.side_data_list = vec![SideData {
            rotation: Some(-90.0),
        }];
        assert_eq!(stream.rotation(), 90);
        stream.side_data_list = vec![SideData {
            rotation: Some(90.0),
        }];
        assert_eq!(stream.rotation(), 270);
    }
}
