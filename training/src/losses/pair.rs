//! What is compared.

use burn::tensor::Tensor;

/// A clip and its reconstruction, `[B, 3, T, H, W]` in [-1, 1].
pub(crate) struct Pair {
    pub(crate) clip: Tensor<5>,
    pub(crate) sample: Tensor<5>,
}
