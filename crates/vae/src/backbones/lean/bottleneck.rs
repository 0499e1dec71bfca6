//! The bottleneck, an unrolled ISTA solver: a projection to the latent, and its learnt inversion.
//! Source: spec/leanvae.md 5.
#![allow(non_snake_case, reason = "`Q` is the reference's parameter name")]

use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};

use super::config::LeanConfig;
use super::linear::project;
use super::naf::Naf;
use crate::pass::Pass;

/// Where thresholds start; training may take them anywhere, below zero as well.
const THRESHOLD: f32 = 0.01;

/// Whether the reference keeps the parameter of this name as a number without an axis.
pub(crate) fn is_scalar(name: &str) -> bool {
    name.starts_with("latent_bottleneck.weights.")
}

/// Tokens to latent and back; field names are the reference's parameter names.
#[derive(Module, Debug)]
pub(crate) struct Bottleneck {
    /// The projection, `[C, D]`.
    phi: Param<Tensor<2>>,
    /// The first guess of its inverse, `[D, C]`.
    Q: Param<Tensor<2>>,
    pub(super) forward_l: Vec<Naf>,
    pub(super) backward_l: Vec<Naf>,
    /// Step sizes, one number each.
    weights: Vec<Param<Tensor<1>>>,
    /// What is too small to be kept, one number each.
    threshold: Vec<Param<Tensor<1>>>,
}

impl Bottleneck {
    pub(crate) fn new(config: &LeanConfig, channels: usize, device: &Device) -> Self {
        let width = config.embedding_dim();
        let normal = Distribution::Normal(0.0, (1.0 / width as f64).sqrt());
        let phi = Tensor::random([channels, width], normal, device);
        let steps = 0..config.ista_iter_num;
        let nafs = || {
            let naf = |_| Naf::new(width, config.ista_layer_num, device);
            steps.clone().map(naf).collect()
        };
        let numbers = |value: f32| {
            let number = |_| Param::from_tensor(Tensor::full([1], value, device));
            steps.clone().map(number).collect()
        };
        Self {
            Q: Param::from_tensor(phi.clone().transpose()),
            phi: Param::from_tensor(phi),
            forward_l: nafs(),
            backward_l: nafs(),
            weights: numbers(1.0),
            threshold: numbers(THRESHOLD),
        }
    }

    /// # Shapes
    /// `[B, T, H, W, D]` to `[B, T, H, W, C]`.
    pub(crate) fn project(&self, tokens: Tensor<5>) -> Tensor<5> {
        project(tokens, self.phi.val(), None)
    }

    /// Tokens whose projection is close to the latent.
    ///
    /// # Shapes
    /// `[B, T, H, W, C]` to `[B, T, H, W, D]`.
    pub(crate) fn recover(&self, latent: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let mut tokens = self.first_guess(latent.clone());
        let nafs = self.forward_l.iter().zip(&self.backward_l);
        for (step, (forward, backward)) in nafs.enumerate() {
            let r = self.corrected(step, tokens, latent.clone());
            let code = self.shrunk(step, forward.plain(r.clone(), pass));
            tokens = r + backward.plain(code, pass);
        }
        tokens
    }

    /// Where the steps begin.
    pub(super) fn first_guess(&self, latent: Tensor<5>) -> Tensor<5> {
        project(latent, self.Q.val(), None)
    }

    /// Tokens moved against what their projection is off by.
    pub(super) fn corrected(&self, step: usize, tokens: Tensor<5>, latent: Tensor<5>) -> Tensor<5> {
        let error = self.project(tokens.clone()) - latent;
        let correction = project(error, self.phi.val().transpose(), None);
        tokens - correction * self.weights[step].val().reshape([1; 5])
    }

    /// A code without what is below the threshold.
    pub(super) fn shrunk(&self, step: usize, code: Tensor<5>) -> Tensor<5> {
        shrink(code, self.threshold[step].val().reshape([1; 5]))
    }
}

/// Moves every number towards zero by the threshold, and no further than zero.
fn shrink(x: Tensor<5>, threshold: Tensor<5>) -> Tensor<5> {
    x.clone().sign() * relu(x.abs() - threshold)
}
