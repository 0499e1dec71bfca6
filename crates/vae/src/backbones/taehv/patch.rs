//! Cells of pixels as channels and back. Source: spec/taehv.md 1.

use burn::tensor::Tensor;

/// Cells of `side` by `side` pixels as channels: colour, then row, then column in the cell.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, C side², T, H/side, W/side]`.
pub(crate) fn patches(x: Tensor<5>, side: usize) -> Tensor<5> {
    if side == 1 {
        return x;
    }
    let [batch, channels, frames, height, width] = x.dims();
    let (rows, columns) = (height / side, width / side);
    x.reshape([batch, channels, frames, rows, side, columns, side])
        .permute([0, 1, 4, 6, 2, 3, 5])
        .reshape([batch, channels * side * side, frames, rows, columns])
}

/// The inverse of [`patches`].
///
/// # Shapes
/// `[B, C side², T, H, W]` to `[B, C, T, side H, side W]`.
pub(crate) fn pixels(x: Tensor<5>, side: usize) -> Tensor<5> {
    if side == 1 {
        return x;
    }
    let [batch, channels, frames, height, width] = x.dims();
    let channels = channels / (side * side);
    x.reshape([batch, channels, side, side, frames, height, width])
        .permute([0, 1, 4, 5, 2, 6, 3])
        .reshape([batch, channels, frames, side * height, side * width])
}
