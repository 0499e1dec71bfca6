//! The two gradients that cost something.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorData};

use crate::border::Bordered;
use crate::correlate::{correlate, output_size};
use crate::cpu::{split, tensor, volume};
use crate::products::products;

/// Gradients of a convolution with stride 1.
pub(crate) trait Conv3dGradients: Backend {
    /// Gradient of the input from that of the output, `dy`.
    fn conv3d_dx(
        dy: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        padding: [usize; 3],
    ) -> FloatTensor<Self>;

    /// Gradient of the weights of a kernel of size `kernel`.
    fn conv3d_dw(
        x: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        kernel: [usize; 3],
        padding: [usize; 3],
    ) -> FloatTensor<Self>;
}

impl Conv3dGradients for Flex {
    fn conv3d_dx(
        dy: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        padding: [usize; 3],
    ) -> FloatTensor<Self> {
        let (dy, weight) = (dy.to_contiguous(), weight.to_contiguous());
        let ([_, c_out, ..], inner) = split(dy.layout().shape());
        let ([_, c_in, ..], kernel) = split(weight.layout().shape());
        let turned = turned(weight.storage(), c_out, c_in, volume(kernel));
        let before = std::array::from_fn(|axis| kernel[axis] - 1 - padding[axis]);
        let size = std::array::from_fn(|axis| inner[axis] + 2 * before[axis]);
        let clips = dy.storage::<f32>().chunks_exact(c_out * volume(inner));
        let output = clips.map(|clip| {
            let dy = Bordered::new(clip, inner, before, size);
            correlate(&dy, &turned, &[], kernel, c_in)
        });
        tensor(output.collect(), c_in, output_size(size, kernel))
    }

    fn conv3d_dw(
        x: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        kernel: [usize; 3],
        padding: [usize; 3],
    ) -> FloatTensor<Self> {
        let (x, dy) = (x.to_contiguous(), dy.to_contiguous());
        let ([_, c_in, ..], inner) = split(x.layout().shape());
        let ([_, c_out, ..], outer) = split(dy.layout().shape());
        let size: [usize; 3] = std::array::from_fn(|axis| inner[axis] + 2 * padding[axis]);
        let mut sums = vec![0.0; c_out * c_in * volume(kernel)];
        let xs = x.storage::<f32>().chunks_exact(c_in * volume(inner));
        let dys = dy.storage::<f32>().chunks_exact(c_out * volume(outer));
        for (x, dy) in xs.zip(dys) {
            let x = Bordered::new(x, inner, padding, size);
            let dy = Bordered::new(dy, outer, [0; 3], [outer[0], size[1], size[2]]);
            products(&x, &dy, kernel, &mut sums);
        }
        let shape = [c_out, c_in, kernel[0], kernel[1], kernel[2]];
        Self::float_from_data(TensorData::new(sums, shape), &Default::default())
    }
}

/// The kernel as the gradient of the input sees it: channels exchanged, every offset reversed.
fn turned(weight: &[f32], c_out: usize, c_in: usize, offsets: usize) -> Vec<f32> {
    let mut turned = Vec::with_capacity(weight.len());
    for i in 0..c_in {
        for o in 0..c_out {
            let first = (o * c_in + i) * offsets;
            turned.extend(weight[first..first + offsets].iter().rev());
        }
    }
    turned
}
