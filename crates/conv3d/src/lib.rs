//! 3-D convolutions that are quick on a CPU, forwards and backwards.
//!
//! Burn's CPU backend gathers ("unfolds") the neighbourhood of every output into a matrix and
//! multiplies; for the gradient of the weights it gathers one number at a time. Here nothing is
//! gathered. The input is copied once into a buffer with a border of zeros. The row of the unfolded
//! matrix that belongs to input channel `c` and kernel offset `(t, h, w)` is that buffer itself,
//! started `c * channel + (t * H + h) * W + w` numbers later. So a convolution is a matrix product
//! whose second matrix is a list of starting points:
//!
//! * output: `y[o, p] = sum_r weight[o, r] * x[start[r] + p]`;
//! * gradient of the weights: `dw[o, r] = sum_p dy[o, p] * x[start[r] + p]`;
//! * gradient of the input: the first formula on `dy`, with the kernel turned round.
//!
//! Tensors on a GPU and other number types take Burn's own operation, but for [`depthwise`] with
//! the feature `gpu`. [`depthwise`] and
//! [`gated_gelu`] are the other two layers of LeanVAE that a CPU can do much faster than by Burn's
//! operations.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//!
//! let device = Device::flex();
//! let clip = Tensor::<5>::ones([1, 2, 3, 4, 4], &device);
//! let weight = Tensor::<5>::ones([1, 2, 3, 3, 3], &device);
//! let sums = conv3d::conv3d(clip, weight, Tensor::zeros([1], &device), [0, 1, 1]);
//! assert_eq!(sums.dims(), [1, 1, 1, 4, 4]);
//! assert_eq!(sums.max().into_scalar::<f32>(), 2.0 * 27.0);
//! ```

#[cfg(feature = "autodiff")]
mod autodiff;
mod border;
mod correlate;
mod cpu;
mod depthwise;
mod gate;
#[cfg(feature = "autodiff")]
mod gradients;
mod parallel;
#[cfg(feature = "autodiff")]
mod products;
mod vectors;

use burn::backend::{Dispatch, DispatchDevice};
use burn::tensor::module::conv3d as burn_conv3d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Tensor};

use cpu::CpuConv3d;
pub use depthwise::depthwise;
pub use gate::gated_gelu;

/// A 3-D convolution of `x` with stride 1 and `padding` zeros on both sides of each axis.
///
/// # Shapes
/// `x` is `[B, C_in, T, H, W]`, `weight` `[C_out, C_in, K_t, K_h, K_w]`, `bias` `[C_out]`; the
/// result is `[B, C_out, T + 2 P_t - K_t + 1, H + 2 P_h - K_h + 1, W + 2 P_w - K_w + 1]`.
///
/// # Panics
/// Where shapes do not fit, like every tensor operation of Burn.
pub fn conv3d(x: Tensor<5>, weight: Tensor<5>, bias: Tensor<1>, padding: [usize; 3]) -> Tensor<5> {
    // A border wider than the kernel's reach has no use, and the gradient would need a negative one.
    let reaches = (0..3).all(|axis| padding[axis] < weight.dims()[axis + 2]);
    if reaches && x.dtype() == DType::F32 && on_cpu(x.device().as_dispatch()) {
        return Tensor::from_dispatch(Dispatch::conv3d_cpu(
            x.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            padding,
        ));
    }
    let options = ConvOptions::new([1; 3], padding, [1; 3], 1);
    burn_conv3d(x, weight, Some(bias), options)
}

/// Whether a kernel of ours runs there. With gradients it would not know how to go backwards.
#[cfg(feature = "gpu")]
fn on_gpu(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Cube(_))
}

fn on_cpu(device: &DispatchDevice) -> bool {
    match device {
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "autodiff")]
        DispatchDevice::Autodiff(device) => on_cpu(device),
        #[allow(unreachable_patterns, reason = "other backends are there by feature")]
        _ => false,
    }
}
