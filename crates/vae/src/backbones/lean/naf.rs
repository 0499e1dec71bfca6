//! Stacks of a depthwise convolution and a feed-forward layer. Source: spec/leanvae.md 3.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::depthwise::Depthwise;
use super::ffn::Ffn;
use crate::pass::Pass;

/// A stack of layers, each a convolution and a feed-forward layer: in two lists that run in step,
/// as the reference's parameter names have it.
#[derive(Module, Debug)]
pub(crate) struct Naf {
    pub(super) dconv_layer: Vec<Depthwise>,
    pub(super) ffd_layer: Vec<Ffn>,
}

impl Naf {
    pub(crate) fn new(channels: usize, layers: usize, device: &Device) -> Self {
        let depthwise = (0..layers).map(|_| Depthwise::new(channels, device));
        Self {
            dconv_layer: depthwise.collect(),
            ffd_layer: (0..layers).map(|_| Ffn::new(channels, device)).collect(),
        }
    }

    /// One after another ("NAF").
    ///
    /// # Shapes
    /// `[B, T, H, W, C]` to the same.
    pub(crate) fn plain(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let layers = self.dconv_layer.iter().zip(&self.ffd_layer);
        layers.fold(x, |x, (conv, ffn)| ffn.forward(conv.forward(x, pass)))
    }

    /// Each added to what it was given ("ResNAF").
    ///
    /// # Shapes
    /// `[B, T, H, W, C]` to the same.
    pub(crate) fn residual(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let layers = self.dconv_layer.iter().zip(&self.ffd_layer);
        layers.fold(x, |x, (conv, ffn)| {
            let x = x.clone() + conv.forward(x, pass);
            x.clone() + ffn.forward(x)
        })
    }
}
