//! A gated activation: one half of the channels times GELU of the other.
//!
//! No convolution, but in LeanVAE's feed-forward layers it took more time than those: as separate
//! operations it passes over memory a dozen times, backwards twice that, and takes the error
//! function one number at a time. Here it is one pass each way and one kept tensor, the input.

#[cfg(feature = "autodiff")]
mod autodiff;
mod cpu;
mod normal;

use burn::backend::Dispatch;
use burn::tensor::activation::gelu;
use burn::tensor::{DType, Tensor};

use crate::on_cpu;
use cpu::CpuGate;

/// `value * gelu(gate)`, where `value` is the first half of the last axis and `gate` the second; with
/// the exact GELU, `x` times the normal distribution function of `x`.
///
/// # Shapes
/// `[.., 2 C]` to `[.., C]`. The result is within 1e-6 of Burn's own, relative to the largest of
/// its numbers.
///
/// # Panics
/// If the last axis is odd.
pub fn gated_gelu(x: Tensor<5>) -> Tensor<5> {
    let channels = x.dims()[4];
    assert!(
        channels.is_multiple_of(2),
        "gated_gelu: {channels} channels have no halves"
    );
    if x.dtype() == DType::F32 && on_cpu(x.device().as_dispatch()) {
        return Tensor::from_dispatch(Dispatch::gated_gelu_cpu(x.into_dispatch()));
    }
    separate(x)
}

/// The same as separate operations, for devices with kernels of their own.
fn separate(x: Tensor<5>) -> Tensor<5> {
    let half = x.dims()[4] / 2;
    x.clone().narrow(4, 0, half) * gelu(x.narrow(4, half, half))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    fn largest_difference(a: Tensor<5>, b: Tensor<5>) -> f32 {
        (a - b).abs().max().into_scalar::<f32>()
    }

    #[test]
    fn it_is_burns_gelu_times_the_value() {
        let x = Tensor::<5>::random(
            [2, 3, 5, 7, 2 * 341],
            Distribution::Normal(0.0, 3.0),
            &Device::flex(),
        );
        let (ours, theirs) = (gated_gelu(x.clone()), separate(x));
        let largest = theirs.clone().abs().max().into_scalar::<f32>();
        let difference = largest_difference(ours, theirs);
        assert!(difference < 1e-6 * largest, "{difference} of {largest}");
    }

    #[test]
    fn numbers_far_out_are_theirs_or_nothing() {
        let x = [1.0, 1.0, 1.0, 1.0, 40.0, -40.0, 0.0, f32::NAN];
        let x = Tensor::<1>::from_floats(x, &Device::flex()).reshape([1, 1, 1, 1, 8]);
        let y = gated_gelu(x).into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(y[..3], [40.0, 0.0, 0.0]);
        assert!(y[3].is_nan());
    }

    #[cfg(feature = "autodiff")]
    #[test]
    fn gradients_are_those_of_the_separate_operations() {
        let device = Device::flex().autodiff();
        let x = Tensor::<5>::random(
            [1, 2, 3, 3, 2 * 85],
            Distribution::Normal(0.0, 2.0),
            &device,
        );
        let weight = Tensor::random([1, 2, 3, 3, 85], Distribution::Default, &device);
        let gradient = |gate: fn(Tensor<5>) -> Tensor<5>| {
            let x = x.clone().detach().require_grad();
            let gradients = (gate(x.clone()) * weight.clone()).sum().backward();
            x.grad(&gradients).unwrap()
        };
        let (ours, theirs) = (gradient(gated_gelu), gradient(separate));
        let largest = theirs.clone().abs().max().into_scalar::<f32>();
        let difference = largest_difference(ours, theirs);
        assert!(difference < 1e-6 * largest, "{difference} of {largest}");
    }
}
