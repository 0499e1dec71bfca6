//! Weights of a discriminator under the reference's names.

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::discriminator::Discriminator;

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscriminatorError {
    /// Not a safetensors file.
    #[error("the discriminator's file is damaged or not a safetensors file")]
    Unreadable(#[from] safetensors::SafeTensorError),
    /// A tensor has another shape or type.
    #[error("the discriminator's weights do not fit: {name} is not f32 of shape {shape:?}")]
    Misfit {
        /// The tensor.
        name: String,
        /// The shape that fits.
        shape: Vec<usize>,
    },
}

impl Discriminator {
    /// Takes over the weights and running statistics of a safetensors file, named `main.*` after
    /// `prefix`.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit; the discriminator is then partly changed.
    pub fn load(&mut self, bytes: &[u8], prefix: &str) -> Result<(), DiscriminatorError> {
        let file = Source {
            file: SafeTensors::deserialize(bytes)?,
            prefix,
        };
        file.fill(&mut self.first.weight, "main.0.weight")?;
        file.fill(&mut self.first.bias, "main.0.bias")?;
        for (n, block) in self.blocks.iter_mut().enumerate() {
            let (conv, norm) = (4 * n + 2, 4 * n + 3);
            file.fill(&mut block.weight, &format!("main.{conv}.weight"))?;
            let own = &mut block.norm;
            file.fill(&mut own.weight, &format!("main.{norm}.weight"))?;
            file.fill(&mut own.bias, &format!("main.{norm}.bias"))?;
            file.fill(&mut own.running_mean, &format!("main.{norm}.running_mean"))?;
            file.fill(&mut own.running_var, &format!("main.{norm}.running_var"))?;
        }
        let last = 4 * self.blocks.len() + 2;
        file.fill(&mut self.last.weight, &format!("main.{last}.weight"))?;
        file.fill(&mut self.last.bias, &format!("main.{last}.bias"))
    }

    /// Mean and variance of each normalised layer so far, `[C]` each.
    pub fn running_statistics(&self) -> Vec<(Tensor<1>, Tensor<1>)> {
        let norms = self.blocks.iter().map(|block| &block.norm);
        norms
            .map(|norm| (norm.running_mean.val(), norm.running_var.val()))
            .collect()
    }
}

struct Source<'a> {
    file: SafeTensors<'a>,
    prefix: &'a str,
}

impl Source<'_> {
    fn fill<const D: usize>(
        &self,
        param: &mut Param<Tensor<D>>,
        name: &str,
    ) -> Result<(), DiscriminatorError> {
        let name = format!("{}{name}", self.prefix);
        let shape = param.dims().to_vec();
        let device = param.val().device();
        let view = self.file.tensor(&name).ok();
        let view = view.filter(|v| v.dtype() == Dtype::F32 && v.shape() == shape);
        let Some(view) = view else {
            return Err(DiscriminatorError::Misfit { name, shape });
        };
        let (numbers, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let loaded = Tensor::from_data(TensorData::new(values, shape), &device);
        *param = param.clone().map(|_| loaded);
        Ok(())
    }
}
