//! Named tensors of a weight file, whatever its format.

use std::collections::BTreeMap;

use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::error::PerceptualError;
use crate::torch_file;

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
        if bytes.starts_with(b"PK") {
            return torch_file::read_zip(bytes);
        }
        if bytes.first() == Some(&0x80) && bytes.get(8) != Some(&b'{') {
            return torch_file::read_legacy(bytes);
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

/// How a file stores a number, always little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    F32,
    F64,
    F16,
    Bf16,
}

impl Number {
    /// Bytes of one number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    pub(crate) fn values(self, data: &[u8]) -> Vec<f32> {
        let (fours, _) = data.as_chunks::<4>();
        let (twos, _) = data.as_chunks::<2>();
        let (eights, _) = data.as_chunks::<8>();
        match self {
            Self::F32 => fours.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Self::F64 => eights
                .iter()
                .map(|b| f64::from_le_bytes(*b) as f32)
                .collect(),
            Self::F16 => twos
                .iter()
                .map(|b| f16::from_le_bytes(*b).to_f32())
                .collect(),
            Self::Bf16 => twos
                .iter()
                .map(|b| bf16::from_le_bytes(*b).to_f32())
                .collect(),
        }
    }
}
