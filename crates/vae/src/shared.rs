//! What the configs of all backbones have.

use wavelet::{Constants, MaskChoice};

use crate::compressed::CompressedFrames;

/// What the configs of all backbones have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shared {
    pub(crate) latent_dim: usize,
    pub(crate) constants: Constants,
    pub(crate) mask: MaskChoice,
    pub(crate) compressed: CompressedFrames,
}

/// What [`Shared`] is where the JSON is silent.
#[derive(Debug)]
pub(crate) struct Defaults {
    pub(crate) latent_dim: usize,
    pub(crate) constants: Constants,
    pub(crate) mask: MaskChoice,
    pub(crate) compressed: CompressedFrames,
}
