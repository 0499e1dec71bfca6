//! The networks: their layers, and how their files are recognised.

use crate::network_kind::Network;
use crate::tensor_map::TensorMap;

/// One step of a network. Convolutions and fires name the index of their weights.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Convolution and ReLU.
    Conv {
        index: usize,
        kernel: usize,
        stride: usize,
        padding: usize,
    },
    /// SqueezeNet's block: 1x1 down, then 1x1 and 3x3 side by side.
    Fire(usize),
    /// Largest of a window, without padding.
    Pool { kernel: usize, ceil: bool },
    /// Here features are compared.
    Tap,
}

const fn conv(index: usize, kernel: usize, stride: usize, padding: usize) -> Step {
    Step::Conv {
        index,
        kernel,
        stride,
        padding,
    }
}

const fn pool(kernel: usize, ceil: bool) -> Step {
    Step::Pool { kernel, ceil }
}

impl Network {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Vgg16, Self::AlexNet, Self::SqueezeNet];

    /// The name of its heads in the file of heads.
    pub(crate) fn heads(self) -> &'static str {
        match self {
            Self::Vgg16 => "vgg",
            Self::AlexNet => "alex",
            Self::SqueezeNet => "squeeze",
        }
    }

    pub(crate) fn steps(self) -> Vec<Step> {
        use Step::{Fire, Tap};
        match self {
            Self::Vgg16 => vgg16(),
            Self::AlexNet => vec![
                conv(0, 11, 4, 2),
                Tap,
                pool(3, false),
                conv(3, 5, 1, 2),
                Tap,
                pool(3, false),
                conv(6, 3, 1, 1),
                Tap,
                conv(8, 3, 1, 1),
                Tap,
                conv(10, 3, 1, 1),
                Tap,
            ],
            Self::SqueezeNet => vec![
                conv(0, 3, 2, 0),
                Tap,
                pool(3, true),
                Fire(3),
                Fire(4),
                Tap,
                pool(3, true),
                Fire(6),
                Fire(7),
                Tap,
                pool(3, true),
                Fire(9),
                Tap,
                Fire(10),
                Tap,
                Fire(11),
                Tap,
                Fire(12),
                Tap,
            ],
        }
    }

    /// Whether the tensors have this network's names and first kernel.
    pub(crate) fn recognises(self, tensors: &TensorMap) -> bool {
        look(tensors).0 == Some(self)
    }
}

fn vgg16() -> Vec<Step> {
    let stages: [&[usize]; 5] = [
        &[0, 2],
        &[5, 7],
        &[10, 12, 14],
        &[17, 19, 21],
        &[24, 26, 28],
    ];
    let mut steps = Vec::new();
    for (i, stage) in stages.into_iter().enumerate() {
        if i > 0 {
            steps.push(pool(2, false));
        }
        steps.extend(stage.iter().map(|index| conv(*index, 3, 1, 1)));
        steps.push(Step::Tap);
    }
    steps
}

/// SqueezeNet 1.0, which pools at other places than 1.1. The indices count convolutions and fires.
pub(crate) fn squeezenet_1_0() -> Vec<Step> {
    use Step::{Fire, Tap};
    let mut steps = vec![conv(1, 7, 2, 0), Tap, pool(3, true)];
    steps.extend([Fire(2), Tap, Fire(3), Tap, Fire(4), Tap, pool(3, true)]);
    steps.extend([Fire(5), Tap, Fire(6), Fire(7), Fire(8), Tap]);
    steps.extend([pool(3, true), Fire(9), Tap]);
    steps
}

/// What the tensors of a file look like, in words.
pub(crate) fn describe(tensors: &TensorMap) -> String {
    look(tensors).1
}

fn look(tensors: &TensorMap) -> (Option<Network>, String) {
    let has = |name: &str| tensors.shape(name).is_some();
    let first = tensors.shape("features.0.weight").unwrap_or_default();
    let kernel = first.get(2).copied().unwrap_or(0);
    let known = if has("features.12.squeeze.weight") && kernel == 3 {
        Some(Network::SqueezeNet)
    } else if has("features.28.weight") && !has("features.34.weight") && has("features.10.weight") {
        Some(Network::Vgg16)
    } else if has("features.10.weight") && kernel == 11 {
        Some(Network::AlexNet)
    } else {
        None
    };
    let text = match known {
        Some(network) => network.to_string(),
        None if has("features.12.squeeze.weight") => "SqueezeNet 1.0".into(),
        None if has("features.34.weight") => "VGG-19".into(),
        None if has("features.1.running_mean") => "a VGG with batch norm".into(),
        None if has("layer1.0.conv1.weight") => "a ResNet".into(),
        None if has("Conv3d_1a_7x7.conv3d.weight") => "I3D".into(),
        None if has("lin0.model.1.weight") => "LPIPS heads without their network".into(),
        None => match tensors.names().next() {
            Some(name) => format!("something else, with a tensor {name}"),
            None => "a file without tensors".into(),
        },
    };
    (known, text)
}
