//! The operation on the CPU backend's tensors.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorData, backend_extension};

use crate::border::Bordered;
use crate::correlate::{correlate, output_size};

/// A convolution with stride 1, dispatched to the CPU backend with or without gradients.
#[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
pub(crate) trait CpuConv3d: Backend {
    /// `[B, C_in, T, H, W]` to `[B, C_out, T', H', W']`.
    fn conv3d_cpu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: [usize; 3],
    ) -> FloatTensor<Self>;
}

impl CpuConv3d for Flex {
    fn conv3d_cpu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: [usize; 3],
    ) -> FloatTensor<Self> {
        let (x, weight, bias) = (
            x.to_contiguous(),
            weight.to_contiguous(),
            bias.to_contiguous(),
        );
        let ([_, c_in, ..], inner) = split(x.layout().shape());
        let ([c_out, c_weight, ..], kernel) = split(weight.layout().shape());
        assert_eq!(
            c_in, c_weight,
            "conv3d: the weight is for {c_weight} channels, not {c_in}"
        );
        let size = std::array::from_fn(|axis| inner[axis] + 2 * padding[axis]);
        let clips = x.storage::<f32>().chunks_exact(c_in * volume(inner));
        let output = clips.map(|clip| {
            let x = Bordered::new(clip, inner, padding, size);
            correlate(&x, weight.storage(), bias.storage(), kernel, c_out)
        });
        tensor(output.collect(), c_out, output_size(size, kernel))
    }
}

/// Batch and channels, then frames, height and width (or those of a kernel).
pub(crate) fn split(shape: &[usize]) -> ([usize; 2], [usize; 3]) {
    ([shape[0], shape[1]], [shape[2], shape[3], shape[4]])
}

/// Numbers in one channel.
pub(crate) fn volume(size: [usize; 3]) -> usize {
    size.iter().product()
}

/// A tensor from its first axis: `channels` of `size` each.
pub(crate) fn tensor(
    mut clips: Vec<Vec<f32>>,
    channels: usize,
    size: [usize; 3],
) -> FloatTensor<Flex> {
    let shape = [clips.len(), channels, size[0], size[1], size[2]];
    let numbers = match clips.len() {
        1 => clips.remove(0),
        _ => clips.concat(),
    };
    Flex::float_from_data(TensorData::new(numbers, shape), &Default::default())
}
