//! Parameters and multiply-adds of a model, counted from the shapes of its tensors.
//!
//! A layer multiplies each number of its weight once for every position of its result. Where those
//! positions are is each backbone's to say ([`crate::work::Work`]); attention is counted beside its projections.
//! Norms, activations and fixed Haar steps are not counted: they are below half a percent.
//! Source of the figures to compare with: spec/zoo-notes.md A.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::autoencoder::Autoencoder;
use crate::param_path::ParamPath;
use crate::work::Grid;

/// What a model costs on a clip. A multiply-add is two FLOP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Learnt numbers, of both halves.
    pub parameters: u64,
    /// Multiply-adds of encoding the clip.
    pub encode: u64,
    /// Multiply-adds of decoding its latent.
    pub decode: u64,
}

impl Autoencoder {
    /// What the model costs on a clip of this extent, which it must take as it is. Nothing is run
    /// and, for a model that is not in use yet, nothing allocated.
    pub fn cost(&self, frames: usize, height: usize, width: usize) -> Cost {
        let clip = Grid {
            frames,
            height,
            width,
        };
        let mut counter = Counter {
            model: self,
            clip,
            path: ParamPath::default(),
            cost: Cost::default(),
        };
        self.backbone.visit(&mut counter);
        counter.cost
    }
}

struct Counter<'a> {
    model: &'a Autoencoder,
    clip: Grid,
    path: ParamPath,
    cost: Cost,
}

impl ModuleVisitor for Counter<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let shape = param.lazy_shape().to_vec();
        let numbers: usize = shape.iter().product();
        self.cost.parameters += numbers as u64;
        let name = self.path.name();
        if shape.len() < 2 || name.ends_with("gamma") {
            return;
        }
        let work = self.model.config().backbone.work(&name, self.clip);
        let each = numbers as u64 + self.attended(&name, &shape);
        self.cost.encode += work.encode * each;
        self.cost.decode += work.decode * each;
    }
}

impl Counter<'_> {
    /// Multiply-adds of attention at one position, told at its queries' projection: a product with
    /// the keys and one with the values of all positions of the frame.
    fn attended(&self, name: &str, shape: &[usize]) -> u64 {
        let projects_queries = name.ends_with(".to_qkv.weight") || name.ends_with(".q.conv.weight");
        if !projects_queries {
            return 0;
        }
        let side = self.model.config().pixels_per_latent();
        let latent = Grid {
            height: self.clip.height / side,
            width: self.clip.width / side,
            ..self.clip
        };
        2 * shape[1] as u64 * latent.in_frame()
    }
}
