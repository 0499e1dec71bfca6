//! Parameters and multiply-adds of a model, counted from the shapes of its tensors.
//!
//! A layer multiplies each number of its weight once for every position of its result. Where those
//! positions are is each backbone's to say ([`Work`]); attention is counted beside its projections.
//! Norms, activations and fixed Haar steps are not counted: they are below half a percent.
//! Source of the figures to compare with: spec/zoo-notes.md A.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::autoencoder::Autoencoder;
use crate::config::PIXELS_PER_LATENT;
use crate::param_path::ParamPath;

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

/// Frames, rows and columns of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) frames: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Grid {
    /// Half the rows and columns, and half the frames, rounded up, if `temporal`.
    pub(crate) fn halved(self, temporal: bool) -> Self {
        Self {
            frames: if temporal {
                self.frames.div_ceil(2)
            } else {
                self.frames
            },
            height: self.height / 2,
            width: self.width / 2,
        }
    }

    /// Another number of frames.
    pub(crate) fn with_frames(self, frames: usize) -> Self {
        Self { frames, ..self }
    }

    /// Without the first frame.
    pub(crate) fn behind_first(self) -> Self {
        self.with_frames(self.frames - 1)
    }

    fn positions(self) -> u64 {
        self.frames as u64 * self.in_frame()
    }

    fn in_frame(self) -> u64 {
        self.height as u64 * self.width as u64
    }
}

/// At how many positions a layer works, in encoding and in decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) encode: u64,
    pub(crate) decode: u64,
}

impl Work {
    pub(crate) fn encoding(grid: Grid) -> Self {
        Self {
            encode: grid.positions(),
            decode: 0,
        }
    }

    pub(crate) fn decoding(grid: Grid) -> Self {
        Self {
            encode: 0,
            decode: grid.positions(),
        }
    }
}

/// Full resolution and what is behind each of three samplers.
pub(crate) struct Levels([Grid; 4]);

/// Where the layers of a causal sampler work, by the names that Wan and IV-VAE share.
impl Levels {
    pub(crate) fn new(clip: Grid, temporal: [bool; 3]) -> Self {
        let mut level = clip;
        let below = temporal.map(|temporal| {
            level = level.halved(temporal);
            level
        });
        let [first, second, latent] = below;
        Self([clip, first, second, latent])
    }

    pub(crate) fn at(&self, level: usize) -> Grid {
        self.0[level.min(3)]
    }

    pub(crate) fn latent(&self) -> Grid {
        self.at(3)
    }

    /// The results of a layer of the down-sampler behind a level: frames are halved last.
    pub(crate) fn down(&self, level: usize, layer: &str) -> Grid {
        let below = self.at(level + 1);
        if layer == "time_conv" {
            below.behind_first()
        } else {
            below.with_frames(self.at(level).frames)
        }
    }

    /// The results of a layer of the up-sampler from a level: frames are doubled first.
    pub(crate) fn up(&self, level: usize, layer: &str) -> Grid {
        if layer == "time_conv" {
            self.at(level).behind_first()
        } else {
            self.at(level.saturating_sub(1))
        }
    }
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
        let latent = Grid {
            height: self.clip.height / PIXELS_PER_LATENT,
            width: self.clip.width / PIXELS_PER_LATENT,
            ..self.clip
        };
        2 * shape[1] as u64 * latent.in_frame()
    }
}
