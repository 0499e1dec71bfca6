//! Clips of RGB frames: building them frame by frame, resizing, cropping, padding, tensor layouts,
//! finding hard cuts, synthetic scenes and, with the feature `ffmpeg`, video files.
//!
//! A source of any size never needs all its frames in memory: each decoded [`Frame`] is fitted
//! ([`fit`]) and pushed to the [`Clip`] before the next one is decoded.
//!
//! ```
//! use clips::{Scene, pad_to_multiple, resize_short_side, to_planar_f32};
//!
//! let clip = Scene::SlowPan.render(1, 30, 20, 5);
//! let padded = pad_to_multiple(&clip, 16)?;
//! assert_eq!((padded.width(), padded.height(), padded.frames()), (32, 32, 5));
//! assert_eq!(to_planar_f32(&padded).len(), 3 * 5 * 32 * 32);
//! # Ok::<(), clips::ClipError>(())
//! ```

mod clip;
mod crop;
mod error;
#[cfg(feature = "ffmpeg")]
pub mod ffmpeg;
mod frame;
#[cfg(feature = "ffmpeg")]
mod jpeg;
mod layout;
mod pad;
mod resize;
pub mod scenes;
mod seed;
mod shots;
#[cfg(feature = "ffmpeg")]
pub mod video;

pub use clip::{Clip, Extent};
pub use crop::{centre_crop, fit, fit_clip};
pub use error::ClipError;
pub use frame::Frame;
#[cfg(feature = "ffmpeg")]
pub use jpeg::{jpeg_frames, read_jpegs};
pub use layout::{from_planar_f32, to_planar_f32, to_unit_f32};
pub use pad::{cut, pad_frames, pad_to_multiple};
pub use resize::{resize, resize_for_wf_scripts, resize_short_side};
pub use scenes::Scene;
pub use seed::stream_seed;
pub use shots::shots;
