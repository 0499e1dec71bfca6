//! Weight files: safetensors under the references' tensor names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::autoencoder::Autoencoder;
use crate::backbones::BackboneConfig;
use crate::config::ModelConfig;
use crate::config_error::ConfigError;
use crate::file_shapes::{CONFIG, FileShapes};
use crate::haar_tensors::is_haar;
use crate::param_path::{FileLayout, ParamPath};

/// Number format of a weight file that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightFormat {
    /// 4 bytes a weight.
    F32,
    /// 2 bytes a weight, for the page.
    F16,
}

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// Not a safetensors file.
    #[error("the weight file is damaged or not a safetensors file")]
    Unreadable(#[from] safetensors::SafeTensorError),
    /// A tensor is not made of floating-point numbers.
    #[error("tensor {name} holds {dtype:?}, not floating-point numbers")]
    NotFloat {
        /// The tensor.
        name: String,
        /// Its type.
        dtype: Dtype,
    },
    /// Names or shapes differ from what the config asks for.
    #[error("the weights do not fit the config: {}", list(.0))]
    Misfit(Vec<String>),
    /// The file is another backbone's.
    #[error("the weights look like those of {found}, and the config is for {expected}")]
    OtherBackbone {
        /// What the file looks like.
        found: &'static str,
        /// What the config asks for.
        expected: &'static str,
    },
    /// Without a config, the file's tensors must tell the model.
    #[error("the weights are of none of the supported models; name the config they belong to")]
    Unrecognised,
    /// The file's own config, or the one that its shapes suggest, describes no model.
    #[error("the config of the weight file cannot be used")]
    Config(#[from] ConfigError),
    /// The device gave back something that is not f32.
    #[error("a weight could not be read back from the device: {0}")]
    ReadBack(String),
}

/// The first few differences, and how many more there are.
fn list(differences: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut text = differences
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if differences.len() > SHOWN {
        text.push_str(&format!("; and {} more", differences.len() - SHOWN));
    }
    text
}

impl Autoencoder {
    /// A model with the weights of a safetensors file in f32, f16 or bf16.
    ///
    /// Haar constants may be missing from the file; where present they must agree with the config.
    ///
    /// # Errors
    /// If the file is damaged or does not fit the config; what it looks like is told, or all
    /// differing names.
    pub fn load(
        config: &ModelConfig,
        weights: &[u8],
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(weights)?;
        let diffusers = config.backbone.reads_diffusers(&file.names());
        let mut loader = Loader {
            path: ParamPath::default(),
            layout: FileLayout::new(config, diffusers),
            unused: file.names().into_iter().map(str::to_owned).collect(),
            file: &file,
            device,
            differences: Vec::new(),
            failure: None,
        };
        let mut model = Self::new(config, device);
        model.backbone = model.backbone.map(&mut loader);
        loader.check_haar(config);
        loader
            .finish()
            .map_err(|error| match (&error, found_family(&file)) {
                (WeightsError::Misfit(_), Some(found)) if found != config.backbone.family() => {
                    WeightsError::OtherBackbone {
                        found,
                        expected: config.backbone.family(),
                    }
                }
                _ => error,
            })?;
        Ok(model)
    }

    /// Writes the weights, Haar constants included, under the references' names.
    ///
    /// Reads tensors synchronously: native only.
    ///
    /// # Errors
    /// If a tensor cannot be read back or the file cannot be assembled.
    pub fn to_safetensors(
        &self,
        format: WeightFormat,
        metadata: &[(&str, String)],
    ) -> Result<Vec<u8>, WeightsError> {
        let mut collector = Collector {
            path: ParamPath::default(),
            layout: FileLayout::new(self.config(), self.config().backbone.writes_diffusers()),
            tensors: BTreeMap::new(),
            failure: None,
        };
        self.backbone.visit(&mut collector);
        if let Some(error) = collector.failure {
            return Err(WeightsError::ReadBack(error));
        }
        let mut tensors = collector.tensors;
        let config = self.config();
        tensors.extend(config.backbone.haar_tensors(config.constants()));

        let dtype = match format {
            WeightFormat::F32 => Dtype::F32,
            WeightFormat::F16 => Dtype::F16,
        };
        let bytes: BTreeMap<String, (Vec<usize>, Vec<u8>)> = tensors
            .into_iter()
            .map(|(name, (shape, values))| (name, (shape, to_bytes(&values, format))))
            .collect();
        let views = bytes
            .iter()
            .map(|(name, (shape, data))| Ok((name, TensorView::new(dtype, shape.clone(), data)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        let mut info: BTreeMap<String, String> = metadata
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect();
        info.insert(CONFIG.into(), self.config().to_json());
        info.insert("format".into(), "pt".into());
        let unordered: HashMap<_, _> = info.clone().into_iter().collect();
        let file = safetensors::serialize(views, Some(unordered))?;
        Ok(with_ordered_metadata(file, &info))
    }
}

/// A file whose metadata stand in the order of their names, so that the same weights are the same
/// bytes: the library writes them in whichever order its map has, in front of the tensors.
fn with_ordered_metadata(mut file: Vec<u8>, info: &BTreeMap<String, String>) -> Vec<u8> {
    const START: usize = size_of::<u64>() + r#"{"__metadata__":"#.len();
    let text = serde_json::json!(info).to_string();
    file[START..][..text.len()].copy_from_slice(text.as_bytes());
    file
}

/// What the file looks like.
fn found_family(file: &SafeTensors<'_>) -> Option<&'static str> {
    BackboneConfig::recognise(&FileShapes::of(file)).map(|(family, _)| family)
}

fn to_bytes(values: &[f32], format: WeightFormat) -> Vec<u8> {
    match format {
        WeightFormat::F32 => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        WeightFormat::F16 => values
            .iter()
            .flat_map(|v| f16::from_f32(*v).to_le_bytes())
            .collect(),
    }
}

fn to_f32(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, WeightsError> {
    let data = view.data();
    let half = |convert: fn([u8; 2]) -> f32| {
        data.chunks_exact(2)
            .map(|b| convert([b[0], b[1]]))
            .collect()
    };
    match view.dtype() {
        Dtype::F32 => Ok(data
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect()),
        Dtype::F16 => Ok(half(|b| f16::from_le_bytes(b).to_f32())),
        Dtype::BF16 => Ok(half(|b| bf16::from_le_bytes(b).to_f32())),
        dtype => Err(WeightsError::NotFloat {
            name: name.to_owned(),
            dtype,
        }),
    }
}

struct Loader<'a> {
    path: ParamPath,
    layout: FileLayout<'a>,
    file: &'a SafeTensors<'a>,
    device: &'a Device,
    unused: BTreeSet<String>,
    differences: Vec<String>,
    failure: Option<WeightsError>,
}

impl Loader<'_> {
    fn values(&mut self, shape: &[usize]) -> Option<Vec<f32>> {
        let (name, shape) = self.layout.tensor(&self.path, shape);
        self.unused.remove(&name);
        let Ok(view) = self.file.tensor(&name) else {
            self.differences.push(format!("{name} is missing"));
            return None;
        };
        if view.shape() != shape {
            let found = view.shape();
            self.differences
                .push(format!("{name} is {found:?} instead of {shape:?}"));
            return None;
        }
        to_f32(&name, &view)
            .map_err(|e| self.failure = Some(e))
            .ok()
    }

    fn check_haar(&mut self, config: &ModelConfig) {
        // Half precision holds neither tap exactly and cannot tell them apart.
        const F32_TOLERANCE: f32 = 1e-5;
        const HALF_TOLERANCE: f32 = 1e-3;
        for (name, (shape, expected)) in config.backbone.haar_tensors(config.constants()) {
            let Ok(view) = self.file.tensor(&name) else {
                continue;
            };
            let tolerance = if view.dtype() == Dtype::F32 {
                F32_TOLERANCE
            } else {
                HALF_TOLERANCE
            };
            let fits = view.shape() == shape.as_slice()
                && to_f32(&name, &view).is_ok_and(|found| {
                    found
                        .iter()
                        .zip(&expected)
                        .all(|(a, b)| (a - b).abs() < tolerance)
                });
            if !fits {
                let hint = "is not the Haar constant of the config (see its \"constants\")";
                self.differences.push(format!("{name} {hint}"));
            }
        }
        self.unused.retain(|name| !is_haar(name));
    }

    fn finish(self) -> Result<(), WeightsError> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let mut differences = self.differences;
        differences.extend(
            self.unused
                .iter()
                .map(|name| format!("{name} is not expected")),
        );
        if differences.is_empty() {
            Ok(())
        } else {
            Err(WeightsError::Misfit(differences))
        }
    }
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape().to_vec();
        match self.values(&shape) {
            None => param,
            Some(values) => {
                let loaded = Tensor::from_data(TensorData::new(values, shape), self.device);
                let id = param.id;
                param.transform_for_load(loaded, id)
            }
        }
    }
}

struct Collector<'a> {
    path: ParamPath,
    layout: FileLayout<'a>,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    failure: Option<String>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let (name, shape) = self.layout.tensor(&self.path, &tensor.dims());
        match tensor.into_data().convert::<f32>().try_into_vec::<f32>() {
            Ok(values) => drop(self.tensors.insert(name, (shape, values))),
            Err(error) => self.failure = Some(format!("{error:?}")),
        }
    }
}
