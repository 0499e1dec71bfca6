//! Video files, natively, through the system's `ffmpeg` and `ffprobe` programs.
//!
//! [`probe`] says what a file holds, [`open`] streams its frames, [`decode`] collects them into a
//! clip and [`encode`] writes one. Rotation and pixel aspect are applied; frames come as stored,
//! whatever their timing; frames are made small by the same code as in the browser.

mod decode;
mod encode;
mod error;
mod probe;
mod process;

pub use decode::{DecodeOptions, FrameSize, Frames, decode, open};
pub use encode::encode;
pub use error::VideoError;
pub use probe::{VideoInfo, probe};
