//! Names and shapes of a weight file's tensors: by them a model is recognised.

use std::collections::BTreeMap;

use safetensors::SafeTensors;

/// Where our own files keep their config.
pub(crate) const CONFIG: &str = "config";

/// Names and shapes of the tensors of a file.
pub(crate) struct FileShapes(BTreeMap<String, Vec<usize>>);

impl FileShapes {
    pub(crate) fn of(file: &SafeTensors<'_>) -> Self {
        let tensors = file.iter();
        Self(
            tensors
                .map(|(name, view)| (name.to_owned(), view.shape().to_vec()))
                .collect(),
        )
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether any name starts so.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let from = self.0.range(prefix.to_owned()..);
        from.map(|(name, _)| name)
            .next()
            .is_some_and(|name| name.starts_with(prefix))
    }

    /// Size of a tensor along an axis.
    pub(crate) fn size(&self, name: &str, axis: usize) -> Option<usize> {
        self.0.get(name)?.get(axis).copied()
    }

    /// Members of the numbered list of this name.
    pub(crate) fn count(&self, list: &str) -> usize {
        (0..)
            .take_while(|i| self.has_prefix(&format!("{list}.{i}.")))
            .count()
    }
}
