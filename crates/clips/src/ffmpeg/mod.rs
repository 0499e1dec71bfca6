//! Video files, natively, through the system's `ffmpeg` and `ffprobe` programs.
//!
//! [`probe`] says what a file holds, [`open`] streams its frames, [`decode`] collects them into a
//! clip and [`encode`] writes one. A folder of pictures is read like a video of [`PICTURE_RATE`]. Rotation and pixel aspect are applied; frames come as stored,
//! whatever their timing; frames are made small by the same code as in the browser.

mod decode;
mod encode;
mod error;
mod pictures;
mod probe;
mod process;

pub use decode::{DecodeOptions, FrameSize, Frames, decode, open};
pub use encode::{encode, encode_h264};
pub use error::VideoError;
pub(crate) use pictures::pictures;
pub use pictures::{PICTURE_RATE, is_picture};
pub use probe::{VideoInfo, probe};
