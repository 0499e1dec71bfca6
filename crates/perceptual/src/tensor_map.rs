//! Named tensors of a weight file, whatever its format.

use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use torchfile::{Number, TorchFile};

use crate::error::PerceptualError;

/// Named tensors in f32, row-major.
#[derive(Clone, Debug, Default)]
pub struct TensorMap(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl TensorMap {
    /// Reads a safetensors file or a PyTorch file, zip or legacy; names of the form
    /// `net.slice2.5.weight` become `features.5.weight`, as torchvision calls them.
    ///
    /// # Errors
    /// If it is none of these or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self, PerceptualError> {
        if TorchFile::begins(bytes) {
            return Self::read_torch(bytes)
                .map_err(|error| PerceptualError::Unreadable(error.to_string()));
        }
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| PerceptualError::Unreadable(error.to_string()))?;
        let mut map = Self::default();
        for (name, view) in file.iter() {
            let kind = match view.dtype() {
                Dtype::F32 => Number::F32,
                Dtype::F64 => Number::F64,
                Dtype::F16 => Number::F16,
                Dtype::BF16 => Number::Bf16,
                // Counters and the like: no weights.
                _ => continue,
            };
            map.insert(name, view.shape().to_vec(), kind.values(view.data()));
        }
        Ok(map)
    }

    /// The file's own dict, or its `state_dict` where it has one.
    fn read_torch(bytes: &[u8]) -> Result<Self, torchfile::TorchFileError> {
        const INNER: &str = "state_dict";
        let file = TorchFile::read(bytes)?;
        let dicts = file.dicts();
        let place = if dicts.contains_key(INNER) { INNER } else { "" };
        let mut map = Self::default();
        if dicts.contains_key(place) {
            for (name, tensor) in file.tensors(place)? {
                map.insert(&name, tensor.shape, tensor.values);
            }
        }
        Ok(map)
    }

    /// Adds a tensor under torchvision's name for it.
    pub fn insert(&mut self, name: &str, shape: Vec<usize>, values: Vec<f32>) {
        self.0.insert(torchvision_name(name), (shape, values));
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Shape and values of a tensor.
    pub fn get(&self, name: &str) -> Option<(&[usize], &[f32])> {
        self.0
            .get(name)
            .map(|(shape, values)| (shape.as_slice(), values.as_slice()))
    }

    /// Shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.0.get(name).map(|(shape, _)| shape.as_slice())
    }
}

fn torchvision_name(name: &str) -> String {
    name.strip_prefix("net.slice")
        .and_then(|rest| rest.split_once('.'))
        .map_or_else(|| name.to_owned(), |(_, rest)| format!("features.{rest}"))
}
