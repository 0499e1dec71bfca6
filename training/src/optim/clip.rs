//! The norm of all gradients together, and scaling by it.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Euclidean norm over every gradient of a module, a scalar `[1]`; `None` without gradients.
pub(crate) fn global_norm<M: Module>(module: &M, gradients: &GradientsParams) -> Option<Tensor<1>> {
    let mut squares = Squares {
        gradients,
        sums: Vec::new(),
    };
    module.visit(&mut squares);
    (!squares.sums.is_empty()).then(|| Tensor::cat(squares.sums, 0).sum().sqrt())
}

/// Multiplies every gradient of a module by a factor.
pub(crate) fn scale<M: Module>(module: &M, gradients: &mut GradientsParams, factor: f64) {
    module.visit(&mut Scaling { gradients, factor });
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sums.push(gradient.square().sum());
        }
    }
}

struct Scaling<'a> {
    gradients: &'a mut GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scaling<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient * self.factor);
        }
    }
}
