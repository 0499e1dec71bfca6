//! Weights of a discriminator under the references' names.

use std::collections::BTreeMap;

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::discriminator::{Discriminator, Patch};

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
    /// The device gave back something that is not f32.
    #[error("a weight of the discriminator could not be read back from the device: {0}")]
    ReadBack(String),
}

impl Discriminator {
    /// Takes over the weights and running statistics of a safetensors file, named `main.*` after
    /// `prefix`.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit; the discriminator is then partly changed.
    pub fn load(&mut self, bytes: &[u8], prefix: &str) -> Result<(), DiscriminatorError> {
        let patch = self.patch;
        self.tensors(&mut Source {
            file: SafeTensors::deserialize(bytes)?,
            prefix,
            patch,
        })
    }

    /// Writes weights and running statistics, named `main.*`.
    ///
    /// Reads tensors synchronously: native only.
    ///
    /// # Errors
    /// If a tensor cannot be read back or the file cannot be assembled.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, DiscriminatorError> {
        let mut sink = Sink {
            patch: self.patch,
            tensors: BTreeMap::new(),
        };
        self.clone().tensors(&mut sink)?;
        let views = sink
            .tensors
            .iter()
            .map(|(name, (shape, data))| {
                Ok((name, TensorView::new(Dtype::F32, shape.clone(), data)?))
            })
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        Ok(safetensors::serialize(views, None)?)
    }

    /// Every tensor under its place in the reference's list, where volumes have a dropout behind
    /// each block and frames have none.
    fn tensors(&mut self, visitor: &mut impl Visitor) -> Result<(), DiscriminatorError> {
        let block = match self.patch {
            Patch::Volume => 4,
            Patch::Frame => 3,
        };
        visitor.kernel(&mut self.first.weight, "main.0.weight")?;
        visitor.numbers(&mut self.first.bias, "main.0.bias")?;
        for (n, own) in self.blocks.iter_mut().enumerate() {
            let (conv, norm) = (block * n + 2, block * n + 3);
            visitor.kernel(&mut own.weight, &format!("main.{conv}.weight"))?;
            let own = &mut own.norm;
            visitor.numbers(&mut own.weight, &format!("main.{norm}.weight"))?;
            visitor.numbers(&mut own.bias, &format!("main.{norm}.bias"))?;
            visitor.numbers(&mut own.running_mean, &format!("main.{norm}.running_mean"))?;
            visitor.numbers(&mut own.running_var, &format!("main.{norm}.running_var"))?;
        }
        let last = block * self.blocks.len() + 2;
        visitor.kernel(&mut self.last.weight, &format!("main.{last}.weight"))?;
        visitor.numbers(&mut self.last.bias, &format!("main.{last}.bias"))
    }

    /// Mean and variance of each normalised layer so far, `[C]` each.
    pub fn running_statistics(&self) -> Vec<(Tensor<1>, Tensor<1>)> {
        let norms = self.blocks.iter().map(|block| &block.norm);
        norms
            .map(|norm| (norm.running_mean.val(), norm.running_var.val()))
            .collect()
    }
}

type Param1 = Param<Tensor<1>>;
type Param5 = Param<Tensor<5>>;

/// What is done with every tensor.
trait Visitor {
    fn numbers(&mut self, param: &mut Param1, name: &str) -> Result<(), DiscriminatorError>;
    fn kernel(&mut self, param: &mut Param5, name: &str) -> Result<(), DiscriminatorError>;
}

/// The shape of a kernel in files, where those over frames have no axis of time.
fn file_shape(kernel: &Param5, patch: Patch) -> Vec<usize> {
    let mut shape = kernel.dims().to_vec();
    if patch == Patch::Frame {
        shape.remove(2);
    }
    shape
}

struct Source<'a> {
    file: SafeTensors<'a>,
    prefix: &'a str,
    patch: Patch,
}

impl Source<'_> {
    fn fill<const D: usize>(
        &self,
        param: &mut Param<Tensor<D>>,
        name: &str,
        shape: Vec<usize>,
    ) -> Result<(), DiscriminatorError> {
        let name = format!("{}{name}", self.prefix);
        let device = param.val().device();
        let view = self.file.tensor(&name).ok();
        let view = view.filter(|v| v.dtype() == Dtype::F32 && v.shape() == shape);
        let Some(view) = view else {
            return Err(DiscriminatorError::Misfit { name, shape });
        };
        let (numbers, _) = view.data().as_chunks::<4>();
        let values: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let loaded = Tensor::from_data(TensorData::new(values, param.dims()), &device);
        *param = param.clone().map(|_| loaded);
        Ok(())
    }
}

impl Visitor for Source<'_> {
    fn numbers(&mut self, param: &mut Param1, name: &str) -> Result<(), DiscriminatorError> {
        let shape = param.dims().to_vec();
        self.fill(param, name, shape)
    }

    fn kernel(&mut self, param: &mut Param5, name: &str) -> Result<(), DiscriminatorError> {
        let shape = file_shape(param, self.patch);
        self.fill(param, name, shape)
    }
}

struct Sink {
    patch: Patch,
    tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)>,
}

impl Sink {
    fn take<const D: usize>(
        &mut self,
        param: &Param<Tensor<D>>,
        name: &str,
        shape: Vec<usize>,
    ) -> Result<(), DiscriminatorError> {
        let data = param.val().into_data().convert::<f32>();
        let values = data
            .try_into_vec::<f32>()
            .map_err(|error| DiscriminatorError::ReadBack(format!("{error:?}")))?;
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensors.insert(name.to_owned(), (shape, bytes));
        Ok(())
    }
}

impl Visitor for Sink {
    fn numbers(&mut self, param: &mut Param1, name: &str) -> Result<(), DiscriminatorError> {
        let shape = param.dims().to_vec();
        self.take(param, name, shape)
    }

    fn kernel(&mut self, param: &mut Param5, name: &str) -> Result<(), DiscriminatorError> {
        let shape = file_shape(param, self.patch);
        self.take(param, name, shape)
    }
}
