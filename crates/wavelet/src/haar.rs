//! One-level Haar transforms in 2-D, 3-D and time, each with its inverse.
//!
//! Written with reshapes, sums and differences only: they have a backward pass on every backend
//! and no transposed convolution, which is an order of magnitude slower on GPUs.
//! Channel order of a result is band-major: output channel `band * C + c`.

use burn::tensor::Tensor;

use crate::Constants;

const TIME: usize = 2;
const HEIGHT: usize = 3;
const WIDTH: usize = 4;

/// 3-D transform of pairs `(0,1), (2,3), ...` in time; an odd length is made even by doubling the
/// first frame. Odd trailing rows and columns are dropped.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 8C, ceil(T/2), H/2, W/2]`, bands in the order of
/// [`SpatioTemporalBand`](crate::SpatioTemporalBand). Source: spec/lcvae.md 2.4.
pub fn haar3d(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    haar3d_pairs(double_first_frame_if_odd(x), constants)
}

/// 3-D transform with a causal first frame: pairs `(0,0), (1,2), (3,4), ...`.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 8C, (T+1)/2, H/2, W/2]`. Source: spec/wfvae.md 2.1.
pub fn haar3d_causal(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    haar3d_pairs(double_first_frame(x), constants)
}

/// 3-D transform of the pairs `(0,1), (2,3), ...` and nothing else: what a later chunk of a
/// causal stream needs. An odd trailing frame is dropped.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 8C, T/2, H/2, W/2]`.
pub fn haar3d_pairs(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    let bands = [x].into_iter();
    let bands = bands.flat_map(|x| split(x, TIME));
    let bands = bands.flat_map(|x| split(x, HEIGHT));
    let bands = bands.flat_map(|x| split(x, WIDTH));
    Tensor::cat(bands.collect(), 1).mul_scalar(constants.three())
}

/// Inverse of [`haar3d`] for an even number of frames.
///
/// # Shapes
/// `[B, 8C, T, H, W]` to `[B, C, 2T, 2H, 2W]`.
pub fn inverse_haar3d(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    let mut bands = x.mul_scalar(constants.three()).chunk(8, 1);
    for dim in [WIDTH, HEIGHT, TIME] {
        bands = merge_neighbours(bands, dim);
    }
    Tensor::cat(bands, 1)
}

/// Inverse of [`haar3d_causal`]: the doubled first frame is dropped again.
///
/// # Shapes
/// `[B, 8C, T, H, W]` to `[B, C, 2T-1, 2H, 2W]`. Source: spec/wfvae.md 2.2.
pub fn inverse_haar3d_causal(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    let x = inverse_haar3d(x, constants);
    let frames = x.dims()[TIME];
    x.narrow(TIME, 1, frames - 1)
}

/// 2-D transform of every frame, with the exact tap 1/2.
///
/// Bands are LL, height-high, width-high, both: the mixed ones are the other way round than in 3-D.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 4C, T, H/2, W/2]`. Source: spec/wfvae.md 2.3.
pub fn haar2d(x: Tensor<5>) -> Tensor<5> {
    let bands = split(x, WIDTH).into_iter().flat_map(|x| split(x, HEIGHT));
    Tensor::cat(bands.collect(), 1).mul_scalar(0.5)
}

/// Inverse of [`haar2d`].
///
/// # Shapes
/// `[B, 4C, T, H, W]` to `[B, C, T, 2H, 2W]`.
pub fn inverse_haar2d(x: Tensor<5>) -> Tensor<5> {
    let mut bands = x.mul_scalar(0.5).chunk(4, 1);
    for dim in [HEIGHT, WIDTH] {
        bands = merge_neighbours(bands, dim);
    }
    Tensor::cat(bands, 1)
}

/// Temporal transform: all lows, then all highs. An odd length is made even by doubling the first
/// frame.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 2C, ceil(T/2), H, W]`. Source: spec/lcvae.md 2.4.
pub fn haar_time(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    let bands = split(double_first_frame_if_odd(x), TIME);
    Tensor::cat(bands.into(), 1).mul_scalar(constants.one())
}

/// Inverse of [`haar_time`] for an even number of frames.
///
/// # Shapes
/// `[B, 2C, T, H, W]` to `[B, C, 2T, H, W]`.
pub fn inverse_haar_time(x: Tensor<5>, constants: Constants) -> Tensor<5> {
    let bands = x.mul_scalar(constants.one()).chunk(2, 1);
    Tensor::cat(merge_neighbours(bands, TIME), 1)
}

fn double_first_frame(x: Tensor<5>) -> Tensor<5> {
    Tensor::cat(vec![x.clone().narrow(TIME, 0, 1), x], TIME)
}

fn double_first_frame_if_odd(x: Tensor<5>) -> Tensor<5> {
    if x.dims()[TIME] % 2 == 1 {
        double_first_frame(x)
    } else {
        x
    }
}

/// Sum and difference of neighbouring pairs along `dim`, which halves.
fn split(x: Tensor<5>, dim: usize) -> [Tensor<5>; 2] {
    let dims = x.dims();
    let half = dims[dim] / 2;
    let mut paired = [1; 6];
    paired[..dim].copy_from_slice(&dims[..dim]);
    paired[dim] = half;
    paired[dim + 1] = 2;
    paired[dim + 2..].copy_from_slice(&dims[dim + 1..]);
    let mut halved = dims;
    halved[dim] = half;

    let pairs = x.narrow(dim, 0, 2 * half).reshape(paired);
    let first = pairs.clone().narrow(dim + 1, 0, 1).reshape(halved);
    let second = pairs.narrow(dim + 1, 1, 1).reshape(halved);
    [first.clone() + second.clone(), first - second]
}

/// Undoes [`split`]: `dim` doubles.
fn merge(low: Tensor<5>, high: Tensor<5>, dim: usize) -> Tensor<5> {
    let mut dims = low.dims();
    dims[dim] *= 2;
    let first = low.clone() + high.clone();
    let second = low - high;
    Tensor::stack::<6>(vec![first, second], dim + 1).reshape(dims)
}

/// Merges bands 0 and 1, 2 and 3, ... along `dim`.
fn merge_neighbours(bands: Vec<Tensor<5>>, dim: usize) -> Vec<Tensor<5>> {
    let mut merged = Vec::with_capacity(bands.len() / 2);
    let mut bands = bands.into_iter();
    while let (Some(low), Some(high)) = (bands.next(), bands.next()) {
        merged.push(merge(low, high, dim));
    }
    merged
}
