//! Passes in half precision.
//!
//! Weights and activations may be cast to bf16. What adds up many numbers or divides by small ones
//! (normalisation, softmax) is computed in f32 all the same, as PyTorch's autocast does; the
//! posterior and the sample are for the caller to cast back.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{FloatDType, Tensor};

use crate::autoencoder::Autoencoder;

impl Autoencoder {
    /// The same model with its weights in another number type. They are new weights: gradients for
    /// them do not reach these, but carry the same identities.
    pub fn cast(mut self, dtype: FloatDType) -> Self {
        self.backbone = self.backbone.map(&mut Caster(dtype));
        self
    }
}

struct Caster(FloatDType);

impl ModuleMapper for Caster {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let trained = param.is_require_grad();
        param.map(|value| value.cast(self.0).detach().set_require_grad(trained))
    }
}
