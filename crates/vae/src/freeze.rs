//! Parts of a model that training leaves as they are.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

use crate::autoencoder::Autoencoder;
use crate::param_path::ParamPath;

/// A part that was to be frozen is not in the model.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the model has no part `{0}` to freeze; parts are named like its tensors, such as `encoder` or \
     `decoder.mid`"
)]
pub struct NoSuchPart(pub String);

impl Autoencoder {
    /// The same model, where parameters whose name is or begins with one of `parts` get no
    /// gradients: `encoder` means all of `encoder.*`. Names are those of weight files.
    ///
    /// # Errors
    /// If a part has no parameter.
    pub fn freeze(mut self, parts: &[String]) -> Result<Self, NoSuchPart> {
        let mut freezer = Freezer {
            path: ParamPath::default(),
            parts,
            found: vec![false; parts.len()],
        };
        self.backbone = self.backbone.map(&mut freezer);
        match parts.iter().zip(freezer.found).find(|(_, found)| !found) {
            None => Ok(self),
            Some((part, _)) => Err(NoSuchPart(part.clone())),
        }
    }
}

struct Freezer<'a> {
    path: ParamPath,
    parts: &'a [String],
    found: Vec<bool>,
}

impl ModuleMapper for Freezer<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let mut frozen = false;
        for (part, found) in self.parts.iter().zip(&mut self.found) {
            if is_within(&name, part) {
                (*found, frozen) = (true, true);
            }
        }
        if frozen {
            param.set_require_grad(false)
        } else {
            param
        }
    }
}

fn is_within(name: &str, part: &str) -> bool {
    name.strip_prefix(part)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use burn::tensor::Device;

    use super::*;
    use crate::ModelConfig;

    #[test]
    fn a_part_is_a_whole_name() {
        assert!(is_within("encoder.mid.0.conv1.conv.weight", "encoder.mid"));
        assert!(is_within("latent_bottleneck.phi", "latent_bottleneck.phi"));
        assert!(!is_within("encoder.middle.weight", "encoder.mid"));
    }

    #[test]
    fn a_part_that_is_not_there_is_named() {
        let text = r#"{"_class_name": "LeanVAE", "l_dim": 4, "h_dim": 4}"#;
        let config = ModelConfig::from_json(text).unwrap();
        let freeze = |part: &str| {
            let model = Autoencoder::new(&config, &Device::flex());
            model.freeze(&["encoder".into(), part.into()])
        };
        assert!(freeze("decoder.low_layer").is_ok());
        assert_eq!(freeze("dekoder").unwrap_err(), NoSuchPart("dekoder".into()));
    }
}
