//! Why a perceptual network cannot be used.

use crate::network::Network;

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
}
