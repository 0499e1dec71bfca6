//! Five-dimensional tensors in safetensors files, in f32.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::tensors::values;

/// A safetensors file of f32 tensors.
///
/// # Errors
/// If a tensor cannot be read from its device.
pub fn serialise(
    tensors: Vec<(&str, Tensor<5>)>,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>> {
    let mut parts = Vec::new();
    for (name, tensor) in tensors {
        let shape = tensor.dims().to_vec();
        let bytes: Vec<u8> = values(tensor)?
            .into_iter()
            .flat_map(f32::to_le_bytes)
            .collect();
        parts.push((name, shape, bytes));
    }
    let views = parts
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, metadata)?)
}

/// Reads an f32 tensor of five dimensions.
///
/// # Errors
/// If there is none of that name, type and rank.
pub fn from_file(file: &SafeTensors<'_>, name: &str, device: &Device) -> Result<Tensor<5>> {
    let view = file
        .tensor(name)
        .with_context(|| format!("the file has no tensor `{name}`"))?;
    ensure!(
        view.dtype() == Dtype::F32,
        "the tensor `{name}` is {:?}, not f32",
        view.dtype()
    );
    let Ok(shape) = <[usize; 5]>::try_from(view.shape()) else {
        anyhow::bail!(
            "the tensor `{name}` is {:?} and has not five dimensions",
            view.shape()
        );
    };
    let bytes = view.data().chunks_exact(4);
    let values: Vec<f32> = bytes
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    Ok(Tensor::from_data(TensorData::new(values, shape), device))
}
