//! Perceptual distances between frames, and features of clips.
//!
//! LPIPS v0.1 with VGG-16, AlexNet or SqueezeNet 1.1, and a distance without heads on any of these
//! or on the compressed SqueezeNet 1.0, which must never be called LPIPS. Networks and heads are
//! read from files that the user supplies. Source: spec/metrics.md 3, spec/backbones.md.
//!
//! [`I3d`] gives the features of whole clips whose Fréchet distance is the FVD, from a file as well.
//!
//! ```
//! use perceptual::{Network, PerceptualError, TensorMap};
//!
//! assert_eq!(Network::SqueezeNet.to_string(), "SqueezeNet 1.1");
//! let error = TensorMap::read(b"not weights").unwrap_err();
//! assert!(matches!(error, PerceptualError::Unreadable(_)));
//! ```

mod backbone;
mod compressed;
mod distance;
mod error;
mod i3d;
mod network;
mod network_kind;
mod tensor_map;

pub use backbone::Backbone;
pub use distance::{Features, PerceptualDistance};
pub use error::PerceptualError;
pub use i3d::{I3d, Levels};
pub use network_kind::Network;
pub use tensor_map::TensorMap;
