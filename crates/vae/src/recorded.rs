//! What the layers of a reference gave, for tests that walk through a model.

use std::collections::BTreeSet;

use burn::tensor::Tensor;

use crate::test_vectors::Vectors;

/// The recorded outputs whose names begin with a prefix, each to be compared with ours.
pub(crate) struct Recorded {
    vectors: Vectors,
    prefix: String,
    left: BTreeSet<String>,
}

impl Recorded {
    /// Opens `tests/fixtures/<name>.safetensors`, which holds samples of each output.
    pub(crate) fn open(name: &str, prefix: &str) -> Self {
        let vectors = Vectors::open(name);
        let names = vectors.names().into_iter();
        let left: BTreeSet<String> = names.filter(|name| name.starts_with(prefix)).collect();
        assert!(!left.is_empty(), "{prefix}");
        Self {
            vectors,
            prefix: prefix.to_owned(),
            left,
        }
    }

    /// Compares the output of a layer, if it was recorded.
    pub(crate) fn check(&mut self, layer: &str, found: &Tensor<5>, tolerance: f32) {
        let name = format!("{}{layer}", self.prefix);
        if self.left.remove(&name) {
            self.vectors.check_sampled(&name, found.clone(), tolerance);
        }
    }

    /// Asserts that nothing recorded is left to compare.
    pub(crate) fn finish(self) {
        assert!(self.left.is_empty(), "not compared: {:?}", self.left);
    }
}
