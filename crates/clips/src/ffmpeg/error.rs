//! What can be wrong with a video file.

use std::path::PathBuf;

use crate::error::ClipError;

/// A video file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// `ffmpeg` or `ffprobe` is not installed.
    #[error("`{tool}` was not found; install ffmpeg (Debian, Ubuntu: sudo apt install ffmpeg)")]
    MissingTool {
        /// The program that is missing.
        tool: &'static str,
    },
    /// `ffmpeg` or `ffprobe` could not be run or talked to.
    #[error("`{tool}` could not be run: {source}")]
    Tool {
        /// The program.
        tool: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A signal ended `ffmpeg` or `ffprobe`.
    #[error("`{tool}` was stopped by a signal; try again")]
    Stopped {
        /// The program.
        tool: &'static str,
    },
    /// The file cannot be opened.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The path is a device, or a folder without pictures.
    #[error("{path} is neither a video file nor a folder of jpg, png or webp pictures")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file holds zero bytes.
    #[error("{path} is empty (zero bytes); copy or download it again")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no video that ffmpeg knows.
    #[error("{path} is not a video that ffmpeg can read; use mp4, webm, mov, avi, mkv or mpg")]
    NotAVideo {
        /// The file.
        path: PathBuf,
    },
    /// The file holds sound and no pictures.
    #[error("{path} holds sound but no pictures; choose a file with video")]
    AudioOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file breaks off or is corrupt.
    #[error("{path} is damaged or cut short ({detail}); copy or download it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// ffmpeg's own words.
        detail: String,
    },
    /// No frame lies where reading was to start.
    #[error("{path} has no frames from the chosen start on; start earlier")]
    NoFrames {
        /// The file.
        path: PathBuf,
    },
    /// The ending of the output's name is not one that can be written.
    #[error("{path} must end in .mp4 or .webm to be written")]
    UnknownEnding {
        /// The file.
        path: PathBuf,
    },
    /// A clip without frames, or a frame rate that is not a positive number.
    #[error("{path} was not written: {reason}")]
    NothingToWrite {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: &'static str,
    },
    /// The output cannot be written.
    #[error("{path} cannot be written: {detail}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The frames do not make a clip.
    #[error(transparent)]
    Clip(#[from] ClipError),
}

impl VideoError {
    /// Whether it is about the file, and others may do; else about the tool.
    pub fn is_about_file(&self) -> bool {
        !matches!(
            self,
            Self::MissingTool { .. } | Self::Tool { .. } | Self::Stopped { .. }
        )
    }
}
