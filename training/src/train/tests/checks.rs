//! Metrics, gradients and weights of a step against those of a reference.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use e2e::vectors::{Vectors, fixture, values, worst_difference};
use safetensors::SafeTensors;
use serde_json::Value;
use vae::Autoencoder;

/// Of the reference.
pub(super) const LOSS: f64 = 1e-5;
/// Of the largest gradient of the step. A sample that is off by the noise of f32, 1e-5, makes a few
/// features of the perceptual network change sides of their ReLU, and so single gradients of the
/// sample change by 1e-3 of the largest: no tolerance for each tensor by itself can be as small.
pub(super) const GRADIENT: f32 = 1e-4;
/// Norms of gradients, of the reference. Source: spec/lcvae-notes.md 4.
pub(super) const NORM: f64 = 1e-3;
/// The ratio of two norms, of the reference.
pub(super) const RATIO: f64 = 1e-4;
/// Of weights after a step of 1e-3.
pub(super) const WEIGHT: f32 = 1e-6;

/// Metrics that came with a file of vectors.
pub(super) fn numbers(name: &str) -> Value {
    let text = std::fs::read_to_string(fixture(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub(super) fn close(what: &str, found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    let off = (found - expected).abs();
    assert!(
        off <= tolerance * expected.abs(),
        "{what}: {found} for {expected}"
    );
}

/// The parameters of a model by the references' names.
pub(super) struct Names {
    path: Vec<String>,
    found: BTreeMap<String, ParamId>,
}

impl Names {
    pub(super) fn of<M: Module>(module: &M) -> BTreeMap<String, ParamId> {
        let (path, found) = (Vec::new(), BTreeMap::new());
        let mut names = Self { path, found };
        module.visit(&mut names);
        names.found
    }
}

impl ModuleVisitor for Names {
    fn enter_module(&mut self, name: &str, container: &str) {
        // The backbone's own name and those of enum variants are not the references'.
        if !container.starts_with("Enum:") && name != "backbone" {
            self.path.push(name.to_owned());
        } else {
            self.path.push(String::new());
        }
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let parts: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let name = parts.into_iter().filter(|part| !part.is_empty());
        let name: Vec<&str> = name.collect();
        self.found.insert(name.join("."), param.id);
    }
}

/// A gradient's values, whatever its rank.
pub(super) fn gradient(gradients: &GradientsParams, id: ParamId, rank: usize) -> Vec<f32> {
    match rank {
        1 => values(gradients.get::<1>(id).unwrap()),
        4 => values(gradients.get::<4>(id).unwrap()),
        5 => values(gradients.get::<5>(id).unwrap()),
        other => panic!("no parameter has {other} axes"),
    }
}

/// Of gradients too large for the repository every eleventh number is kept: a prime that shares no
/// axis with them.
pub(super) const SAMPLED: usize = 11;

/// Every gradient under `prefix`, within the tolerance of the largest of them.
pub(super) fn check_gradients(
    vectors: &Vectors,
    prefix: &str,
    gradients: &GradientsParams,
    ids: &BTreeMap<String, ParamId>,
) {
    let names = vectors.names();
    let own = names.iter().filter_map(|name| name.strip_prefix(prefix));
    let whole = own.map(|name| {
        let (shape, expected) = vectors.raw(&format!("{prefix}{name}"));
        let found = gradient(gradients, ids[name], shape.len());
        (name, found, expected)
    });
    let sampled = format!("sampled.{prefix}");
    let kernels = names.iter().filter_map(|name| name.strip_prefix(&sampled));
    let some = kernels.map(|name| {
        let (_, expected) = vectors.raw(&format!("{sampled}{name}"));
        let found = gradient(gradients, ids[name], 5);
        (name, found.into_iter().step_by(SAMPLED).collect(), expected)
    });
    let pairs: Vec<(&str, Vec<f32>, Vec<f32>)> = whole.chain(some).collect();
    let all = pairs.iter().flat_map(|(_, _, expected)| expected);
    let largest = all.fold(0.0_f32, |most, g| most.max(g.abs()));
    assert!(largest > 0.0, "{prefix}");
    for (name, found, expected) in pairs {
        let (at, worst) = worst_difference(&found, &expected);
        let allowed = GRADIENT * largest;
        assert!(
            worst <= allowed,
            "{name}: off by {worst:e} at {at}, allowed {allowed:e}"
        );
    }
}

pub(super) fn check_norms(
    expected: &Value,
    model: &Autoencoder,
    gradients: &GradientsParams,
    ids: &BTreeMap<String, ParamId>,
) {
    struct Ranks(BTreeMap<ParamId, usize>);
    impl ModuleVisitor for Ranks {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.insert(param.id, D);
        }
    }
    let mut ranks = Ranks(BTreeMap::new());
    model.visit(&mut ranks);
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), ids.len());
    let largest = expected
        .values()
        .map(|n| n.as_f64().unwrap())
        .fold(0.0, f64::max);
    for (name, norm) in expected {
        let gradient = gradient(gradients, ids[name], ranks.0[&ids[name]]);
        let found = gradient
            .iter()
            .map(|&g| f64::from(g).powi(2))
            .sum::<f64>()
            .sqrt();
        let norm = norm.as_f64().unwrap();
        // Where only noise is left, that of the largest.
        let allowed = NORM * norm + 1e-8 * largest;
        assert!(
            (found - norm).abs() <= allowed,
            "{name}: {found} for {norm}"
        );
    }
}

/// The weights of a model under `prefix`, from a weight file of it.
pub(super) fn check_weights(vectors: &Vectors, prefix: &str, model: &Autoencoder) {
    let bytes = model.to_safetensors(vae::WeightFormat::F32, &[]).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let names = vectors.names();
    let own: Vec<&str> = names
        .iter()
        .filter_map(|n| n.strip_prefix(prefix))
        .collect();
    assert!(!own.is_empty());
    for name in own {
        let expected = vectors.raw(&format!("{prefix}{name}")).1;
        let view = file.tensor(name).unwrap();
        let (numbers, _) = view.data().as_chunks::<4>();
        let found: Vec<f32> = numbers.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let (at, worst) = worst_difference(&found, &expected);
        assert!(worst <= WEIGHT, "{prefix}{name}: off by {worst:e} at {at}");
    }
}
