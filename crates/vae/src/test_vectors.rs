//! Tensors of the reference for the tests of single layers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::SafeTensors;

use crate::param_path::ParamPath;

pub(crate) struct Vectors(Vec<u8>);

impl Vectors {
    /// Opens `tests/fixtures/<name>.safetensors`.
    pub(crate) fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        Self(std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A clip; pictures get a time axis.
    pub(crate) fn tensor(&self, name: &str) -> Tensor<5> {
        let (mut shape, values) = self.raw(name);
        if shape.len() == 4 {
            shape.insert(2, 1);
        }
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    pub(crate) fn check(&self, name: &str, found: Tensor<5>, tolerance: f32) {
        let expected = self.tensor(name);
        assert_eq!(found.dims(), expected.dims(), "{name}");
        let off: f32 = (found - expected).abs().max().into_scalar();
        assert!(off <= tolerance, "{name} is off by {off:e}");
    }

    /// [`check`](Self::check) where the file holds only every n-th number of a tensor: n, and the
    /// shapes of the whole tensors, are in its metadata.
    pub(crate) fn check_sampled(&self, name: &str, found: Tensor<5>, tolerance: f32) {
        let (_, metadata) = SafeTensors::read_metadata(&self.0).unwrap();
        let metadata = metadata.metadata().as_ref().unwrap();
        assert_eq!(format!("{:?}", found.dims()), metadata[name], "{name}");
        let found: Vec<f32> = found.into_data().try_into_vec().unwrap();
        let found = found.iter().step_by(metadata["every"].parse().unwrap());
        let (_, expected) = self.raw(name);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.zip(expected) {
            let off = (found - expected).abs();
            assert!(off <= tolerance, "{name} is off by {off:e}");
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        file.names().into_iter().map(str::to_owned).collect()
    }

    /// A layer with its weights, which are in the file behind `prefix`.
    pub(crate) fn fill<M: Module>(&self, layer: M, prefix: &str) -> M {
        layer.map(&mut Fill {
            vectors: self,
            prefix,
            path: ParamPath::default(),
        })
    }

    /// Shape and values.
    pub(crate) fn raw(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).unwrap();
        let bytes = view.data().chunks_exact(4);
        let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        (view.shape().to_vec(), values.collect())
    }
}

struct Fill<'a> {
    vectors: &'a Vectors,
    prefix: &'a str,
    path: ParamPath,
}

impl ModuleMapper for Fill<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = format!("{}{}", self.prefix, self.path.name());
        let (shape, values) = self.vectors.raw(&name);
        assert_eq!(param.lazy_shape().to_vec(), shape, "{name}");
        let values = Tensor::from_data(TensorData::new(values, shape), &Device::flex());
        let id = param.id;
        param.transform_for_load(values, id)
    }
}
