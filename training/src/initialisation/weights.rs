//! Weights by name, to be changed one by one.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// A tensor: its shape, and its numbers row by row.
pub(super) struct Weight {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

impl Weight {
    /// Sets the number at the centre of the kernel between two channels (of a linear layer: the
    /// number between them).
    pub(super) fn set(&mut self, output: usize, input: usize, value: f32) {
        let kernel: usize = self.shape[2..].iter().product();
        self.values[(output * self.shape[1] + input) * kernel + kernel / 2] = value;
    }

    /// Zeroes all that leads to an output channel.
    pub(super) fn silence(&mut self, output: usize) {
        let row = self.values.len() / self.shape[0];
        self.values[output * row..(output + 1) * row].fill(0.0);
    }
}

/// All tensors of a model in f32.
pub(super) struct Weights(BTreeMap<String, Weight>);

impl Weights {
    /// Reads a safetensors file that is in f32.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes)?;
        let tensors = file.iter().map(|(name, view)| {
            let (values, _) = view.data().as_chunks::<4>();
            let weight = Weight {
                shape: view.shape().to_vec(),
                values: values.iter().map(|v| f32::from_le_bytes(*v)).collect(),
            };
            (name.to_owned(), weight)
        });
        Ok(Self(tensors.collect()))
    }

    /// As a safetensors file.
    pub(super) fn write(&self) -> Result<Vec<u8>> {
        let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .0
            .iter()
            .map(|(name, weight)| {
                let bytes = weight.values.iter().flat_map(|v| v.to_le_bytes());
                (name, &weight.shape, bytes.collect())
            })
            .collect();
        let views = bytes
            .iter()
            .map(|(name, shape, data)| {
                let view = TensorView::new(Dtype::F32, (*shape).clone(), data)?;
                Ok((*name, view))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(safetensors::serialize(views, None)?)
    }

    /// Whether there is a tensor of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn get(&mut self, name: &str) -> Result<&mut Weight> {
        let weight = self.0.get_mut(name);
        weight.with_context(|| format!("the model has no {name}"))
    }

    /// Replaces a tensor's numbers.
    pub(super) fn set(&mut self, name: &str, values: Vec<f32>) -> Result<()> {
        let weight = self.get(name)?;
        ensure!(
            weight.values.len() == values.len(),
            "{name} has another size"
        );
        weight.values = values;
        Ok(())
    }

    pub(super) fn zero(&mut self, name: &str) -> Result<()> {
        self.get(name)?.values.fill(0.0);
        Ok(())
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Weight)> {
        self.0.iter_mut()
    }
}
