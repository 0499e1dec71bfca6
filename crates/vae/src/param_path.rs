//! What a parameter is called: in the model, and in weight files.

use crate::config::ModelConfig;

/// The parameter name during a walk over the modules: field names and indices, without the names
/// of enum variants, which the references do not have. A field `at_4` stands for index 4 of a
/// list in which not every place has parameters.
#[derive(Default)]
pub(crate) struct ParamPath(Vec<String>);

const INDEX: &str = "at_";

impl ParamPath {
    pub(crate) fn enter(&mut self, name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            let name = name.strip_prefix(INDEX).unwrap_or(name);
            self.0.push(name.to_owned());
        }
    }

    pub(crate) fn exit(&mut self, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.pop();
        }
    }

    pub(crate) fn name(&self) -> String {
        self.0.join(".")
    }
}

/// How a weight file names and shapes the parameters of a model.
#[derive(Clone, Copy)]
pub(crate) struct FileLayout<'a> {
    config: &'a ModelConfig,
    /// Whether with the names of the diffusers library, where the model has such.
    diffusers: bool,
}

impl<'a> FileLayout<'a> {
    pub(crate) fn new(config: &'a ModelConfig, diffusers: bool) -> Self {
        Self { config, diffusers }
    }

    /// Name and shape in the file of a parameter of this shape; in the model every tensor has an
    /// axis.
    pub(crate) fn tensor(&self, path: &ParamPath, shape: &[usize]) -> (String, Vec<usize>) {
        let name = path.name();
        let shape = if self.config.backbone.is_scalar(&name) {
            Vec::new()
        } else {
            shape.to_vec()
        };
        let name = if self.diffusers {
            self.config.backbone.diffusers_name(&name)
        } else {
            name
        };
        (name, shape)
    }
}
