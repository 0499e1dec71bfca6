//! Muon for matrices, AdamW for everything else.

use burn::module::{Module, ModuleVisitor, Param, ParamGroup, ParamId};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdjustLrFn, ModuleOptimizer, Muon, MuonConfig};
use burn::tensor::Tensor;

use super::adamw;
use crate::config::{Matrices, OptimiserConfig};

/// The optimiser of a model whose parameters are numbered already.
pub(crate) fn optimiser<M: Module>(config: &OptimiserConfig, model: &M) -> ModuleOptimizer {
    match config.matrices {
        Matrices::AdamW => adamw(config),
        Matrices::Muon => adamw(config).with_group(matrices(model), muon(config), None),
    }
}

/// Steps of the size that AdamW's have, so that both go by one learning rate.
fn muon(config: &OptimiserConfig) -> Muon {
    MuonConfig::new()
        .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
        .with_weight_decay(Some(WeightDecayConfig::new(config.weight_decay)))
        .build()
}

/// The weights of linear layers.
fn matrices<M: Module>(model: &M) -> ParamGroup {
    struct Ids(Vec<ParamId>);
    impl ModuleVisitor for Ids {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if D == 2 {
                self.0.push(param.id);
            }
        }
    }
    let mut ids = Ids(Vec::new());
    model.visit(&mut ids);
    ParamGroup::from_ids(ids.0)
}

#[cfg(test)]
mod tests {
    use burn::optim::GradientsParams;
    use burn::tensor::{Bytes, Device};
    use vae::{Autoencoder, ModelConfig};

    use super::*;
    use crate::config::Config;
    use crate::optim::number_parameters;

    struct Collect(Vec<(usize, Vec<f32>)>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val().into_data().try_into_vec::<f32>().unwrap();
            self.0.push((D, values));
        }
    }

    fn weights(model: &Autoencoder) -> Vec<(usize, Vec<f32>)> {
        let mut all = Collect(Vec::new());
        model.visit(&mut all);
        all.0
    }

    fn model() -> Autoencoder {
        let text = r#"{"_class_name": "LeanVAE", "l_dim": 4, "h_dim": 4}"#;
        let config = ModelConfig::from_json(text).unwrap();
        number_parameters(Autoencoder::new(&config, &Device::flex())).train()
    }

    fn step(optimiser: &mut ModuleOptimizer, model: Autoencoder) -> Autoencoder {
        let numbers = Tensor::<1, burn::tensor::Int>::arange(0..3 * 5 * 16 * 16, &Device::flex());
        let input = (numbers.float() * 0.7)
            .sin()
            .reshape([1, 3, 5, 16, 16])
            .autodiff();
        let posterior = model.encode(input).posterior;
        let loss = posterior.mean.square().sum() + posterior.logvar.square().sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        optimiser.step(1e-2, model, gradients)
    }

    #[test]
    fn matrices_alone_are_muons() {
        let mut config = Config::preset("lean-lc8").unwrap().optimiser;
        let model = model();
        let before = weights(&model);
        let of = |config: &OptimiserConfig| {
            let after = step(&mut optimiser(config, &model), model.clone());
            weights(&after)
        };
        config.matrices = Matrices::AdamW;
        let adamw = of(&config);
        config.matrices = Matrices::Muon;
        let muon = of(&config);
        let mut moved = 0;
        for ((before, adamw), muon) in before.iter().zip(&adamw).zip(&muon) {
            if before.0 == 2 && before.1 != adamw.1 {
                assert_ne!(adamw.1, muon.1);
                moved += 1;
            } else {
                assert_eq!(adamw.1, muon.1);
            }
        }
        assert!(moved > 10, "{moved}");
    }

    #[test]
    fn saved_momentum_goes_on() {
        let mut config = Config::preset("lean-lc8").unwrap().optimiser;
        config.matrices = Matrices::Muon;
        let mut whole = optimiser(&config, &model());
        let once = step(&mut whole, model());
        let saved = Bytes::from_bytes_vec(whole.into_bytes().unwrap().to_vec());
        let mut continued = optimiser(&config, &model()).from_bytes(saved).unwrap();
        let twice = weights(&step(&mut whole, once.clone()));
        assert_eq!(twice, weights(&step(&mut continued, once.clone())));
        let mut forgetful = optimiser(&config, &model());
        assert_ne!(twice, weights(&step(&mut forgetful, once)));
    }
}
