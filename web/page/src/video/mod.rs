//! From a file to the frames of a clip, and from frames to a file.
//!
//! The container is taken apart here, the browser's own decoder makes pictures of the packets, and
//! each picture is fitted and let go before the next: size and length of the file do not matter.
//! The other way round, the browser's encoder makes packets of frames, and a container is written
//! around them.

#[cfg(target_arch = "wasm32")]
mod canvas;
mod codec_names;
#[cfg(target_arch = "wasm32")]
mod decode;
#[cfg(target_arch = "wasm32")]
mod encode;
#[cfg(target_arch = "wasm32")]
mod error;
mod fit;
mod i420;
#[cfg(target_arch = "wasm32")]
mod image;
#[cfg(target_arch = "wasm32")]
mod loaded;
#[cfg(target_arch = "wasm32")]
mod matroska;
#[cfg(target_arch = "wasm32")]
mod mp4;
#[cfg(target_arch = "wasm32")]
mod read;
#[cfg(target_arch = "wasm32")]
mod seek;
mod sniff;
#[cfg(target_arch = "wasm32")]
mod sparse;
mod tables;
pub(crate) mod times;
mod track;
mod webm;

#[cfg(target_arch = "wasm32")]
pub(crate) use encode::{EncodeError, Film, Made, encode};
#[cfg(target_arch = "wasm32")]
pub(crate) use error::VideoError;
#[cfg(target_arch = "wasm32")]
pub(crate) use fit::Fit;
#[cfg(target_arch = "wasm32")]
pub(crate) use loaded::Watch;
#[cfg(target_arch = "wasm32")]
pub(crate) use read::read;
#[cfg(target_arch = "wasm32")]
pub(crate) use track::Part;
