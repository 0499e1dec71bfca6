//! Video files to upload: good ones, odd ones and broken ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clips::ffmpeg::{DecodeOptions, FrameSize, decode, encode};
use clips::{Clip, Scene};
use tempfile::TempDir;

/// Frames a second of every file.
const RATE: f64 = 24.0;

/// A folder of video files; gone when dropped.
pub struct Media {
    folder: TempDir,
}

impl Media {
    /// An empty folder.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new() -> Result<Self> {
        Ok(Self {
            folder: TempDir::new()?,
        })
    }

    /// A synthetic scene as H.264 in MP4 or VP9 in WebM, as the name ends.
    ///
    /// A smooth one: both formats halve the colour's resolution, decoders interpolate it back in
    /// different ways, and at these few pixels a rich texture would measure nothing else.
    ///
    /// # Errors
    /// If ffmpeg cannot write it.
    pub fn scene(&self, name: &str, size: (usize, usize), frames: usize) -> Result<PathBuf> {
        self.shots(name, size, &[(11, frames)])
    }

    /// As [`scene`](Self::scene), cut from shots: the scene's seed and the number of frames of each.
    ///
    /// # Errors
    /// If ffmpeg cannot write it.
    pub fn shots(
        &self,
        name: &str,
        (width, height): (usize, usize),
        shots: &[(u64, usize)],
    ) -> Result<PathBuf> {
        let path = self.path(name);
        let shots = shots.iter();
        let data = shots
            .flat_map(|&(seed, frames)| Scene::Sky.render(seed, width, height, frames).into_data());
        encode(&path, &Clip::new(width, height, data.collect())?, RATE)?;
        Ok(path)
    }

    /// A file with these bytes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn bytes(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// What ffmpeg makes of another file with these options.
    ///
    /// # Errors
    /// If ffmpeg fails.
    pub fn converted(&self, name: &str, from: &Path, options: &[&str]) -> Result<PathBuf> {
        let path = self.path(name);
        ffmpeg(
            Command::new("ffmpeg")
                .arg("-i")
                .arg(from)
                .args(options)
                .arg(&path),
        )?;
        Ok(path)
    }

    /// A moving test pattern as H.264, `seconds` long, `rate` frames a second.
    ///
    /// # Errors
    /// If ffmpeg fails.
    pub fn pattern(
        &self,
        name: &str,
        size: (usize, usize),
        rate: usize,
        seconds: usize,
    ) -> Result<PathBuf> {
        let path = self.path(name);
        let (width, height) = size;
        let source = format!("testsrc2=size={width}x{height}:rate={rate}:duration={seconds}");
        let coded = [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
        ];
        let mut command = Command::new("ffmpeg");
        command.args(["-f", "lavfi", "-i", &source]).args(coded);
        ffmpeg(command.arg(&path))?;
        Ok(path)
    }

    /// A second of sound without pictures.
    ///
    /// # Errors
    /// If ffmpeg fails.
    pub fn tone(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        let tone = ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"];
        ffmpeg(Command::new("ffmpeg").args(tone).arg(&path))?;
        Ok(path)
    }

    /// The first `share` of a file.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn truncated(&self, name: &str, whole: &Path, share: f64) -> Result<PathBuf> {
        let bytes = fs::read(whole)?;
        let length = (bytes.len() as f64 * share) as usize;
        self.bytes(name, &bytes[..length])
    }

    /// An MP4 file that asks to be shown turned by a quarter, clockwise, as phones write it.
    ///
    /// # Errors
    /// If it is no MP4 file.
    pub fn turned(&self, name: &str, level: &Path) -> Result<PathBuf> {
        let mut bytes = fs::read(level)?;
        let header = bytes
            .windows(4)
            .position(|tag| tag == b"tkhd")
            .context("no track header")?;
        // After the tag: version and flags, five 32-bit fields, eight reserved bytes, then layer,
        // group, volume and padding of 16 bits each.
        let matrix = header + 4 + 4 + 5 * 4 + 8 + 4 * 2;
        let unit = 1i32 << 16;
        let values = [0, unit, 0, -unit, 0, 0, 0, 0, 1 << 30];
        let turned = values.iter().flat_map(|value: &i32| value.to_be_bytes());
        let place = bytes
            .get_mut(matrix..matrix + 36)
            .context("a short track header")?;
        place
            .iter_mut()
            .zip(turned)
            .for_each(|(old, new)| *old = new);
        self.bytes(name, &bytes)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn ffmpeg(command: &mut Command) -> Result<()> {
    let output = command.output().context("ffmpeg could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ffmpeg failed: {said}");
    Ok(())
}

/// When each frame of a video file is shown, in seconds.
///
/// # Errors
/// If ffprobe cannot read it.
pub fn times(file: &Path) -> Result<Vec<f64>> {
    let shown = ["-select_streams", "v", "-show_entries", "frame=pts_time"];
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(shown)
        .arg(file)
        .output()
        .context("ffprobe could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ffprobe failed: {said}");
    let lines = String::from_utf8(output.stdout)?;
    let times = lines
        .lines()
        // Side data of a frame leaves an empty line behind.
        .filter(|line| !line.is_empty())
        .map(|line| Ok(line.trim_end_matches(',').parse()?));
    times.collect()
}

/// Up to `frames` first frames of a file as the native decoder gives them, fitted to a square of this side.
///
/// # Errors
/// If ffmpeg cannot read it.
pub fn fitted(file: &Path, side: usize, frames: usize) -> Result<Clip> {
    let size = FrameSize::Fit {
        width: side,
        height: side,
    };
    let options = DecodeOptions {
        size,
        max_frames: Some(frames),
        ..DecodeOptions::default()
    };
    Ok(decode(file, &options)?)
}
