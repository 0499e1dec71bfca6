//! A 3x3x3 convolution of every channel for itself, on channels-last tensors.
//!
//! With the channels of a position side by side, an output position is 27 products of short
//! vectors: no multiplication is wasted and every load is contiguous.

#[cfg(feature = "autodiff")]
mod autodiff;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
mod kernel;
#[cfg(feature = "autodiff")]
mod products;
mod sums;
mod taps;

use burn::backend::Dispatch;
use burn::tensor::{DType, Tensor};

use crate::on_cpu;
use cpu::CpuDepthwise;
#[cfg(feature = "gpu")]
use gpu::GpuDepthwise;
use kernel::{REACH, TAPS};

/// Convolves every channel with its own 3x3x3 kernel: zero padding 1 in height and width, none in
/// time, where the result is two frames shorter.
///
/// # Shapes
/// `x` is `[B, T + 2, H, W, C]`, `weight` `[C, 1, 3, 3, 3]`, `bias` `[C]`; the result is
/// `[B, T, H, W, C]`.
///
/// # Panics
/// Where shapes do not fit, like every tensor operation of Burn.
pub fn depthwise(x: Tensor<5>, weight: Tensor<5>, bias: Tensor<1>) -> Tensor<5> {
    let channels = bias.dims()[0];
    let taps = weight.reshape([channels, TAPS]).transpose();
    if x.dtype() == DType::F32 && on_cpu(x.device().as_dispatch()) {
        return Tensor::from_dispatch(Dispatch::depthwise_cpu(
            x.into_dispatch(),
            taps.into_dispatch(),
            bias.into_dispatch(),
        ));
    }
    #[cfg(feature = "gpu")]
    if x.dtype() == DType::F32 && crate::on_gpu(x.device().as_dispatch()) {
        return Tensor::from_dispatch(Dispatch::depthwise_gpu(
            x.into_dispatch(),
            taps.into_dispatch(),
            bias.into_dispatch(),
        ));
    }
    shifted(x, taps, bias)
}

/// The same as 27 shifted products, wherever there is no kernel of ours.
fn shifted(x: Tensor<5>, taps: Tensor<2>, bias: Tensor<1>) -> Tensor<5> {
    let [_, frames, height, width, channels] = x.dims();
    let x = bordered(bordered(x, 2), 3);
    let mut sum = bias.reshape([1, 1, 1, 1, channels]);
    for tap in 0..TAPS {
        let (t, h, w) = (tap / 9, tap / 3 % 3, tap % 3);
        let part = x.clone().narrow(1, t, frames + 1 - REACH);
        let part = part.narrow(2, h, height).narrow(3, w, width);
        let weight = taps.clone().narrow(0, tap, 1);
        sum = sum + part * weight.reshape([1, 1, 1, 1, channels]);
    }
    sum
}

/// `x` with a zero on both sides of an axis.
fn bordered(x: Tensor<5>, axis: usize) -> Tensor<5> {
    let mut shape = x.dims();
    shape[axis] = 1;
    let zeros = Tensor::zeros(shape, (&x.device(), x.dtype()));
    Tensor::cat(vec![zeros.clone(), x, zeros], axis)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    #[test]
    fn shifted_products_are_the_same() {
        let device = Device::flex();
        let random = |shape: [usize; 5]| Tensor::<5>::random(shape, Distribution::Default, &device);
        let (x, weight) = (random([2, 4, 3, 5, 7]), random([7, 1, 3, 3, 3]));
        let bias = Tensor::<1>::random([7], Distribution::Default, &device);
        let taps = weight.clone().reshape([7, TAPS]).transpose();
        let ours = depthwise(x.clone(), weight, bias.clone());
        let difference = (ours - shifted(x, taps, bias)).abs().max();
        assert!(difference.into_scalar::<f32>() < 1e-5);
    }
}
