//! From a file to the frames of a clip.
//!
//! The container is taken apart here, the browser's own decoder makes pictures of the packets, and
//! each picture is fitted and let go before the next: size and length of the file do not matter.

#[cfg(target_arch = "wasm32")]
mod canvas;
mod codec_names;
#[cfg(target_arch = "wasm32")]
mod decode;
#[cfg(target_arch = "wasm32")]
mod error;
mod fit;
#[cfg(target_arch = "wasm32")]
mod image;
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
mod track;

#[cfg(target_arch = "wasm32")]
pub(crate) use error::VideoError;
#[cfg(target_arch = "wasm32")]
pub(crate) use fit::Fit;
#[cfg(target_arch = "wasm32")]
pub(crate) use read::{Watch, read};
#[cfg(target_arch = "wasm32")]
pub(crate) use track::Part;
