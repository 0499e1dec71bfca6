//! Which networks there are.

use std::fmt;

/// A network whose features are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// VGG-16, the usual one in training.
    Vgg16,
    /// AlexNet, the usual one in evaluation.
    AlexNet,
    /// SqueezeNet 1.1.
    SqueezeNet,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vgg16 => "VGG-16",
            Self::AlexNet => "AlexNet",
            Self::SqueezeNet => "SqueezeNet 1.1",
        })
    }
}
