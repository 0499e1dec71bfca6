//! The layers that the backbones are built from, under the references' parameter names.

mod attention;
mod conv;
mod haar;
mod in_f32;
mod layer;
mod norm;
mod qkv_attention;
mod resample;
mod resnet;
mod rms;
mod sampling;
#[cfg(test)]
mod tests;

pub(crate) use attention::{Attention, AttentionKind};
pub(crate) use conv::{Conv2d, Conv3d, Kernel3d, drawn_when_used};
pub(crate) use haar::Haar;
pub(crate) use in_f32::in_f32;
pub(crate) use layer::{Layer, run};
pub(crate) use norm::{Norm, NormKind};
pub(crate) use qkv_attention::QkvAttention;
pub(crate) use resample::{DoubleSides, HalveSides};
pub(crate) use resnet::{Resnet2d, Resnet3d};
pub(crate) use rms::{FrameRmsNorm, RmsNorm};
pub(crate) use sampling::{Down2d, Down3d, Interpolation, Up2d, Up3d, interleave, repeat};
