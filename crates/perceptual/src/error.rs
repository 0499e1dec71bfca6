//! Why a perceptual network cannot be used.

use crate::network_kind::Network;

/// What can be wrong with a file of weights.
#[derive(Debug, thiserror::Error)]
pub enum PerceptualError {
    /// Neither PyTorch nor safetensors, or cut short.
    #[error("the file cannot be read as PyTorch or safetensors weights: {0}")]
    Unreadable(String),
    /// Another network's weights.
    #[error("these are not the weights of {wanted}; they look like {found}")]
    WrongNetwork {
        /// What was asked for.
        wanted: Network,
        /// What the file's tensors look like.
        found: String,
    },
    /// Weights of something else altogether.
    #[error(
        "these are not the weights of VGG-16, AlexNet or SqueezeNet 1.1; they look like {found}"
    )]
    Unknown {
        /// What the file's tensors look like.
        found: String,
    },
    /// A tensor is missing or has the wrong shape.
    #[error("the weights of {network} do not fit: {problem}")]
    Misfit {
        /// What was asked for.
        network: Network,
        /// The first difference.
        problem: String,
    },
    /// LPIPS was asked of a network that it does not exist for.
    #[error("there are no LPIPS heads for this network; compare its features without heads")]
    NoHeads,
    /// The compressed SqueezeNet is cut short or something else.
    #[error("this is not the compressed SqueezeNet 1.0: {0}")]
    Compressed(String),
    /// Weights of something else than I3D.
    #[error(
        "these are not the weights of I3D; they look like {found}, and i3d_pretrained_400.pt is wanted"
    )]
    NotI3d {
        /// What the file's tensors look like.
        found: String,
    },
    /// The I3D of the `styleganv` variant, or another program.
    #[error(
        "this is a TorchScript program, as i3d_torchscript.pt is, with other weights; the state dict \
         i3d_pretrained_400.pt is wanted"
    )]
    Script,
    /// A tensor of I3D is missing, has the wrong shape or is not finite.
    #[error("the weights of I3D do not fit: {0}")]
    I3dMisfit(String),
    /// A frame network leaves nothing of frames as small as these.
    #[error(
        "frames of {height}x{width} are too small for {network}, which needs {smallest}x{smallest}"
    )]
    TooSmall {
        /// Which network.
        network: String,
        /// Rows of the frames.
        height: usize,
        /// Columns of the frames.
        width: usize,
        /// The least of each.
        smallest: usize,
    },
    /// I3D leaves nothing of a clip as short as this.
    #[error("a clip of {frames} frames is too short for I3D, which needs {fewest}")]
    TooShort {
        /// Frames of the clip.
        frames: usize,
        /// Frames that it must have.
        fewest: usize,
    },
}
