//! The operation on a GPU, as one kernel.
//!
//! Written as Burn's operations it is 27 slices, products and sums, each a pass over memory and a
//! call into the browser; a LeanVAE's two halves have dozens of such layers.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Cube, Shape, TensorMetadata, backend_extension};
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::cubecl::{self, calculate_cube_count_elemwise};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;

use super::kernel::REACH;

/// A depthwise convolution, dispatched to the GPU backend.
#[backend_extension(Cube)]
pub(crate) trait GpuDepthwise: Backend {
    /// `[B, T + 2, H, W, C]` to `[B, T, H, W, C]`, with taps `[27, C]`; all f32.
    fn depthwise_gpu(
        x: FloatTensor<Self>,
        taps: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl GpuDepthwise for Cube {
    fn depthwise_gpu(
        x: FloatTensor<Self>,
        taps: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [x, taps, bias] = [x, taps, bias].map(into_contiguous);
        let [batch, frames, height, width, channels] = x.shape().dims();
        let shape = Shape::new([batch, frames + 1 - REACH, height, width, channels]);
        let numbers = shape.num_elements();
        let (client, device) = (x.client.clone(), x.device.clone());
        let output = empty_device_contiguous_dtype(client, device, shape, x.dtype);
        let cube_dim = CubeDim::new(&output.client, numbers);
        let cube_count = calculate_cube_count_elemwise(&output.client, numbers, cube_dim);
        depthwise_kernel::launch(
            &output.client,
            cube_count,
            cube_dim,
            x.into_tensor_arg(),
            taps.into_tensor_arg(),
            bias.into_tensor_arg(),
            output.clone().into_tensor_arg(),
        );
        output
    }
}

/// One number of the output. Neighbours in a group of threads take neighbouring channels, so their
/// loads lie side by side.
#[cube(launch)]
fn depthwise_kernel(
    x: &Tensor<f32>,
    taps: &Tensor<f32>,
    bias: &Tensor<f32>,
    output: &mut Tensor<f32>,
) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let (height, width, channels) = (output.shape(2), output.shape(3), output.shape(4));
    let channel = ABSOLUTE_POS % channels;
    let position = ABSOLUTE_POS / channels;
    let column = position % width;
    let row = position / width % height;
    // Of all clips; each clip of the input has two frames more.
    let frame = position / width / height;
    let clip = frame / output.shape(1);
    let first = frame + clip * 2;

    let mut sum = bias[channel];
    for t in 0..3usize {
        for h in 0..3usize {
            // One more than the row that is read, since there is a row of zeros above.
            let below = row + h;
            if below >= 1 && below <= height {
                for w in 0..3usize {
                    let right = column + w;
                    if right >= 1 && right <= width {
                        let line = ((first + t) * height + below - 1) * width + right - 1;
                        let tap = (t * 3 + h) * 3 + w;
                        sum += x[line * channels + channel] * taps[tap * channels + channel];
                    }
                }
            }
        }
    }
    output[ABSOLUTE_POS] = sum;
}
