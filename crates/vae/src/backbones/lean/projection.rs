//! Patches to tokens and back: one linear layer for each kind of patch. Source: spec/leanvae.md 2.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::linear::Linear;
use super::patcher::{from_patches, patches};

/// Rows, columns and colours of a patch of coefficients.
const POSITIONS: usize = 16;
const RGB: usize = 3;

/// A group of subbands of one of the two transforms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Subbands.
    bands: usize,
    /// Frames of coefficients to a latent frame.
    depth: usize,
}

impl Group {
    pub(crate) const IMAGE_LOW: Self = Self { bands: 1, depth: 1 };
    pub(crate) const IMAGE_HIGH: Self = Self { bands: 3, depth: 1 };
    pub(crate) const VIDEO_LOW: Self = Self { bands: 1, depth: 2 };
    pub(crate) const VIDEO_HIGH: Self = Self { bands: 7, depth: 2 };

    /// Coefficients in a patch.
    fn numbers(self) -> usize {
        RGB * self.bands * self.depth * POSITIONS
    }
}

/// Coefficients to tokens. The field is named after its place in the reference's list.
#[derive(Module, Debug)]
pub(crate) struct ToTokens {
    at_1: Linear,
    #[module(skip)]
    depth: usize,
}

impl ToTokens {
    pub(crate) fn new(group: Group, width: usize, device: &Device) -> Self {
        Self {
            at_1: Linear::new(group.numbers(), width, device),
            depth: group.depth,
        }
    }

    /// # Shapes
    /// `[B, 3 * bands, T, H, W]` to `[B, T/depth, H/4, W/4, width]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        self.at_1.forward(patches(x, self.depth))
    }
}

/// Tokens to coefficients. The field is named after its place in the reference's list.
#[derive(Module, Debug)]
pub(crate) struct FromTokens {
    at_0: Linear,
    #[module(skip)]
    depth: usize,
}

impl FromTokens {
    pub(crate) fn new(group: Group, width: usize, device: &Device) -> Self {
        Self {
            at_0: Linear::new(width, group.numbers(), device),
            depth: group.depth,
        }
    }

    /// # Shapes
    /// `[B, T, H, W, width]` to `[B, 3 * bands, depth * T, 4H, 4W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        from_patches(self.at_0.forward(x), self.depth)
    }
}
