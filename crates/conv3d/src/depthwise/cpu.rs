//! The operation on the CPU backend's tensors.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorData, backend_extension};

use super::kernel::{REACH, TAPS};
use super::taps::{Size, correlate};

/// A depthwise convolution, dispatched to the CPU backend with or without gradients.
#[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
pub(crate) trait CpuDepthwise: Backend {
    /// `[B, T + 2, H, W, C]` to `[B, T, H, W, C]`, with taps `[27, C]`.
    fn depthwise_cpu(
        x: FloatTensor<Self>,
        taps: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl CpuDepthwise for Flex {
    fn depthwise_cpu(
        x: FloatTensor<Self>,
        taps: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let (x, taps, bias) = (
            x.to_contiguous(),
            taps.to_contiguous(),
            bias.to_contiguous(),
        );
        let size = size(&x);
        let channels = size[3];
        let fits = taps.layout().shape()[..] == [TAPS, channels];
        assert!(fits, "depthwise: the weight is not for {channels} channels");
        let frames = size[0] + 1 - REACH;
        let clips = clips(&x, size);
        let output =
            clips.map(|clip| correlate(clip, size, taps.storage(), bias.storage(), (frames, 0)));
        tensor(output.collect(), [frames, size[1], size[2], channels])
    }
}

/// Size of each clip of a batch.
pub(crate) fn size(x: &FloatTensor<Flex>) -> Size {
    let shape = x.layout().shape();
    [shape[1], shape[2], shape[3], shape[4]]
}

/// The clips of a contiguous batch.
pub(crate) fn clips(x: &FloatTensor<Flex>, size: Size) -> impl Iterator<Item = &[f32]> {
    let numbers: usize = size.iter().product();
    x.storage::<f32>().chunks_exact(numbers.max(1))
}

/// A batch of clips.
pub(crate) fn tensor(
    clips: Vec<Vec<f32>>,
    [frames, height, width, channels]: Size,
) -> FloatTensor<Flex> {
    let shape = [clips.len(), frames, height, width, channels];
    Flex::float_from_data(TensorData::new(clips.concat(), shape), &Default::default())
}
