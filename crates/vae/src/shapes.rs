//! The tensors of a model's weight file, without their values.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::autoencoder::Autoencoder;
use crate::param_path::{FileLayout, ParamPath};

impl Autoencoder {
    /// Name and shape of every parameter in a weight file of this model. Nothing is allocated for
    /// a model that is not in use yet.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        let config = self.config();
        let mut shapes = Shapes {
            path: ParamPath::default(),
            layout: FileLayout::new(config, config.backbone.writes_diffusers()),
            found: BTreeMap::new(),
        };
        self.backbone.visit(&mut shapes);
        shapes.found
    }
}

struct Shapes<'a> {
    path: ParamPath,
    layout: FileLayout<'a>,
    found: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Shapes<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let shape = param.lazy_shape().to_vec();
        let (name, shape) = self.layout.tensor(&self.path, &shape);
        self.found.insert(name, shape);
    }
}
