//! Residual blocks that see the frame before. Source: spec/taehv.md 1.

use burn::module::{Module, ParamId};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::conv::{FrameConv, Kind};
use super::frames::TIME;
use crate::pass::Pass;

/// Channels to a group of a wide block's convolutions.
const WIDE_GROUP: usize = 64;

/// A block's input beside its input a frame earlier, zeros before the first.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 2C, T, H, W]`, the current frame's channels first.
fn with_previous(x: Tensor<5>, block: ParamId, pass: &mut Pass) -> Tensor<5> {
    let frames = x.dims()[TIME];
    let both = pass.after_zeros(block, x.clone(), TIME, 1);
    Tensor::cat(vec![x, both.narrow(TIME, 0, frames)], 1)
}

/// Three 3x3 convolutions over the frame and the one before; fields are named after their places
/// in the reference's list.
#[derive(Module, Debug)]
struct MemoryConvs {
    at_0: FrameConv,
    at_2: FrameConv,
    at_4: FrameConv,
}

/// The block of the published small models.
#[derive(Module, Debug)]
pub(crate) struct MemoryBlock {
    conv: MemoryConvs,
    /// 1x1, where the widths differ.
    skip: Option<FrameConv>,
    /// Its identity in a stream.
    #[module(skip)]
    id: ParamId,
}

impl MemoryBlock {
    pub(crate) fn new(from: usize, to: usize, device: &Device) -> Self {
        let conv = |from, to| FrameConv::new(from, to, Kind::PLAIN, device);
        let point = Kind::POINT.without_bias();
        Self {
            conv: MemoryConvs {
                at_0: conv(2 * from, to),
                at_2: conv(to, to),
                at_4: conv(to, to),
            },
            skip: (from != to).then(|| FrameConv::new(from, to, point, device)),
            id: ParamId::new(),
        }
    }

    /// # Shapes
    /// `[B, from, T, H, W]` to `[B, to, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let MemoryConvs { at_0, at_2, at_4 } = &self.conv;
        let h = relu(at_0.forward(with_previous(x.clone(), self.id, pass)));
        let h = at_4.forward(relu(at_2.forward(h)));
        let skip = match &self.skip {
            Some(skip) => skip.forward(x),
            None => x,
        };
        relu(h + skip)
    }
}

#[derive(Module, Debug)]
struct SuperConvs {
    at_0: FrameConv,
    at_1: FrameConv,
    at_3: FrameConv,
}

/// The block of the super decoders: a wide depthwise convolution and two linear layers.
#[derive(Module, Debug)]
pub(crate) struct SuperBlock {
    conv: SuperConvs,
    #[module(skip)]
    id: ParamId,
}

impl SuperBlock {
    pub(crate) fn new(width: usize, device: &Device) -> Self {
        let depthwise = Kind {
            kernel: 7,
            groups: 2 * width,
            ..Kind::PLAIN.without_bias()
        };
        let conv = |from, to, kind| FrameConv::new(from, to, kind, device);
        Self {
            conv: SuperConvs {
                at_0: conv(2 * width, 2 * width, depthwise),
                at_1: conv(2 * width, 4 * width, Kind::POINT),
                at_3: conv(4 * width, width, Kind::POINT.without_bias()),
            },
            id: ParamId::new(),
        }
    }

    /// No activation behind the sum.
    ///
    /// # Shapes
    /// `[B, width, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let SuperConvs { at_0, at_1, at_3 } = &self.conv;
        let h = at_0.forward(with_previous(x.clone(), self.id, pass));
        at_3.forward(relu(at_1.forward(h))) + x
    }
}

#[derive(Module, Debug)]
struct WideConvs {
    at_0: FrameConv,
    at_2: FrameConv,
    at_4: FrameConv,
    at_6: FrameConv,
}

/// The block of the wide decoder: 3x3 convolutions in groups, between linear layers.
#[derive(Module, Debug)]
pub(crate) struct WideBlock {
    conv: WideConvs,
    #[module(skip)]
    id: ParamId,
}

impl WideBlock {
    pub(crate) fn new(width: usize, device: &Device) -> Self {
        let grouped = Kind {
            groups: (width / WIDE_GROUP).max(1),
            ..Kind::PLAIN
        };
        let conv = |from, to, kind| FrameConv::new(from, to, kind, device);
        Self {
            conv: WideConvs {
                at_0: conv(2 * width, width, Kind::POINT),
                at_2: conv(width, width, grouped),
                at_4: conv(width, width, Kind::POINT),
                at_6: conv(width, width, grouped),
            },
            id: ParamId::new(),
        }
    }

    /// # Shapes
    /// `[B, width, T, H, W]` to the same.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let WideConvs {
            at_0,
            at_2,
            at_4,
            at_6,
        } = &self.conv;
        let h = relu(at_0.forward(with_previous(x.clone(), self.id, pass)));
        let h = relu(at_4.forward(relu(at_2.forward(h))));
        relu(at_6.forward(h) + x)
    }
}
