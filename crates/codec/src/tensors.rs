//! Clips as tensors, and tensors as numbers.

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData};
use clips::{Clip, Extent, to_planar_f32};

/// A clip as the model takes it, `[1, 3, T, H, W]` in [-1, 1].
pub fn tensor(clip: &Clip, device: &Device) -> Tensor<5> {
    let Extent {
        frames,
        height,
        width,
    } = clip.extent();
    let data = TensorData::new(to_planar_f32(clip), [1, 3, frames, height, width]);
    Tensor::from_data(data, device)
}

/// A tensor's values in f32.
///
/// # Errors
/// If the device does not give them.
pub fn values(tensor: Tensor<5>) -> Result<Vec<f32>> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec()
        .map_err(|error| anyhow::anyhow!("the device returned no numbers: {error:?}"))
}
