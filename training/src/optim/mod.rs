//! How gradients become weights: numbering, clipping, schedule, averaging.

mod clip;
mod ema;
mod muon;
mod schedule;

pub(crate) use clip::{global_norm, raise, scale};
pub(crate) use ema::{decay_at, update};
pub(crate) use muon::optimiser;
pub(crate) use schedule::learning_rate;

use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::optim::{AdamWConfig, ModuleOptimizer};
use burn::tensor::Tensor;

use crate::config::OptimiserConfig;

/// AdamW with decoupled decay, as PyTorch computes it. Clipping is done outside, over all
/// gradients together.
pub(crate) fn adamw(config: &OptimiserConfig) -> ModuleOptimizer {
    AdamWConfig::new()
        .with_beta_1(config.betas[0])
        .with_beta_2(config.betas[1])
        .with_epsilon(config.epsilon)
        .with_weight_decay(config.weight_decay)
        .init()
}

/// Numbers a module's parameters in the order of its fields.
///
/// Burn gives every new parameter a random id, and optimiser state is kept by id: with ids that
/// depend on the model alone, saved state fits a model built afresh.
pub(crate) fn number_parameters<M: Module>(module: M) -> M {
    module.map(&mut Numbering(0))
}

struct Numbering(u64);

impl ModuleMapper for Numbering {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (_, value, mapper) = param.consume();
        self.0 += 1;
        Param::from_mapped_value(ParamId::from(self.0), value, mapper)
    }
}
