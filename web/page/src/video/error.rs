//! Why a file gives no frames, in words for the person who dropped it.

use wasm_bindgen::JsValue;

use crate::dom;

/// Why a file gives no frames.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VideoError {
    #[error("This file is empty (zero bytes). Choose another file, or copy it again.")]
    Empty,
    #[error(
        "This does not look like a video. Drop an MP4, WebM, MKV or MOV file, a GIF or a picture."
    )]
    NotVideo,
    #[error("This file holds no pictures, only sound or text. Drop a file that has a video track.")]
    NoPictures,
    #[error("This file is damaged or was cut off ({0}). Try copying or downloading it again.")]
    Damaged(String),
    #[error(
        "This browser cannot decode {0}. Convert the file to H.264 (MP4) or VP9 (WebM), or try another browser."
    )]
    Unsupported(String),
    #[error("The video ends before {0:.1} s. Choose an earlier start.")]
    StartTooLate(f64),
    #[error(
        "The description of this video alone is larger than {0} MB. Cut a shorter piece out of it first."
    )]
    TooLarge(u64),
    #[error("The browser could not read the file: {0}. Choose it again.")]
    Read(String),
    #[error("The frames could not be prepared: {0}.")]
    Frame(#[from] clips::ClipError),
    #[error("Stopped.")]
    Cancelled,
}

impl From<JsValue> for VideoError {
    fn from(error: JsValue) -> Self {
        Self::Read(dom::message(&error))
    }
}
