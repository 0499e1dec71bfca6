//! An exponential moving average of the weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use burn::tensor::container::TensorContainer;

/// Decay after `updates` earlier updates: it starts low, so that the average leaves the random
/// start behind, and rises to `decay`.
pub(crate) fn decay_at(decay: f64, updates: u64) -> f64 {
    let n = updates as f64;
    decay.min((1.0 + n) / (10.0 + n))
}

/// `average = decay * average + (1 - decay) * weights`, parameter by parameter.
///
/// Both modules must be numbered alike; the average lives outside any gradient graph. Frozen
/// weights are their own average.
pub(crate) fn update<M: Module>(average: M, weights: &M, decay: f64) -> M {
    let mut collect = Collect(TensorContainer::new());
    weights.visit(&mut collect);
    average.map(&mut Blend {
        weights: collect.0,
        decay,
    })
}

struct Collect(TensorContainer<ParamId>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.is_require_grad() {
            self.0.register(param.id, param.val().inner());
        }
    }
}

struct Blend {
    weights: TensorContainer<ParamId>,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, average, mapper) = param.consume();
        let blended = match self.weights.remove::<Tensor<D>>(&id) {
            Some(weight) => average * self.decay + weight * (1.0 - self.decay),
            None => average,
        };
        Param::from_mapped_value(id, blended, mapper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_warms_up() {
        assert!((decay_at(0.999, 0) - 0.1).abs() < 1e-12);
        assert!((decay_at(0.999, 90) - 0.91).abs() < 1e-12);
        assert!((decay_at(0.999, 1_000_000) - 0.999).abs() < 1e-12);
    }
}
