//! The network's plan, and its weights.

use burn::tensor::{Device, Tensor, TensorData};

use super::layers::{Mixed, Pool, Stage, Unit};
use crate::tensor_map::TensorMap;

/// What batch normalisation adds to the variance in this variant.
const EPSILON: f64 = 1e-5;
/// The classes of Kinetics-400.
const CLASSES: usize = 400;
/// The convolution that no other network has.
const FIRST: &str = "Conv3d_1a_7x7";

/// A stage before it has weights.
enum Plan {
    Unit(&'static str, Shape),
    /// Windows and strides in time and over the picture.
    Pool([usize; 2], [usize; 2]),
    /// Channels of the ways: 1x1x1; 1x1x1 and 3x3x3 twice; 1x1x1 behind the pooling.
    Mixed(&'static str, [usize; 6]),
}

/// What a unit's weights look like but for the channels that come in.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    channels: usize,
    kernel: usize,
    stride: usize,
}

pub(super) const fn shape(channels: usize, kernel: usize, stride: usize) -> Shape {
    Shape {
        channels,
        kernel,
        stride,
    }
}

/// What the network is made of.
pub(super) struct Parts {
    pub(super) stages: Vec<Stage>,
    /// `[1024, 400]`.
    pub(super) weight: Tensor<2>,
    /// `[1, 400]`.
    pub(super) bias: Tensor<2>,
}

const PLAN: [Plan; 16] = [
    Plan::Unit(FIRST, shape(64, 7, 2)),
    Plan::Pool([1, 3], [1, 2]),
    Plan::Unit("Conv3d_2b_1x1", shape(64, 1, 1)),
    Plan::Unit("Conv3d_2c_3x3", shape(192, 3, 1)),
    Plan::Pool([1, 3], [1, 2]),
    Plan::Mixed("Mixed_3b", [64, 96, 128, 16, 32, 32]),
    Plan::Mixed("Mixed_3c", [128, 128, 192, 32, 96, 64]),
    Plan::Pool([3, 3], [2, 2]),
    Plan::Mixed("Mixed_4b", [192, 96, 208, 16, 48, 64]),
    Plan::Mixed("Mixed_4c", [160, 112, 224, 24, 64, 64]),
    Plan::Mixed("Mixed_4d", [128, 128, 256, 24, 64, 64]),
    Plan::Mixed("Mixed_4e", [112, 144, 288, 32, 64, 64]),
    Plan::Mixed("Mixed_4f", [256, 160, 320, 32, 128, 128]),
    Plan::Pool([2, 2], [2, 2]),
    Plan::Mixed("Mixed_5b", [256, 160, 320, 32, 128, 128]),
    Plan::Mixed("Mixed_5c", [384, 192, 384, 48, 128, 128]),
];

/// Whether the tensors have the network's names.
pub(super) fn recognises(tensors: &TensorMap) -> bool {
    tensors.shape(&format!("{FIRST}.conv3d.weight")).is_some()
}

/// The network, or the first difference.
pub(super) fn network(tensors: &TensorMap, device: &Device) -> Result<Parts, String> {
    let loader = Loader { tensors, device };
    let mut channels = 3;
    let mut stages = Vec::new();
    for plan in PLAN {
        stages.push(match plan {
            Plan::Unit(name, shape) => {
                let unit = loader.unit(name, channels, shape)?;
                channels = shape.channels;
                Stage::Unit(Box::new(unit))
            }
            Plan::Pool([frames, side], [every, step]) => Stage::Pool(Pool {
                kernel: [frames, side, side],
                stride: [every, step, step],
            }),
            Plan::Mixed(name, widths) => {
                let mixed = loader.mixed(name, channels, widths)?;
                channels = widths[0] + widths[2] + widths[4] + widths[5];
                Stage::Mixed(Box::new(mixed))
            }
        });
    }
    let (weight, bias) = loader.logits(channels)?;
    Ok(Parts {
        stages,
        weight,
        bias,
    })
}

/// Takes layers out of a file's tensors.
pub(super) struct Loader<'a> {
    pub(super) tensors: &'a TensorMap,
    pub(super) device: &'a Device,
}

impl Loader<'_> {
    pub(super) fn mixed(
        &self,
        name: &str,
        channels: usize,
        [narrow, a, wide_a, b, wide_b, pooled]: [usize; 6],
    ) -> Result<Mixed, String> {
        let unit = |way: &str, from, to, kernel| {
            self.unit(&format!("{name}.{way}"), from, shape(to, kernel, 1))
        };
        Ok(Mixed {
            narrow: unit("b0", channels, narrow, 1)?,
            wide: [
                [unit("b1a", channels, a, 1)?, unit("b1b", a, wide_a, 3)?],
                [unit("b2a", channels, b, 1)?, unit("b2b", b, wide_b, 3)?],
            ],
            pooled: unit("b3b", channels, pooled, 1)?,
        })
    }

    /// A convolution with its normalisation, `(y - mean) / sqrt(variance + epsilon) * weight +
    /// bias`, made into one.
    pub(super) fn unit(&self, name: &str, channels: usize, shape: Shape) -> Result<Unit, String> {
        let Shape {
            channels: out,
            kernel,
            stride,
        } = shape;
        let size = [out, channels, kernel, kernel, kernel];
        let weight = self.get(&format!("{name}.conv3d.weight"), &size)?;
        let norm = |part: &str| self.get(&format!("{name}.bn.{part}"), &[out]);
        let (gain, shift) = (norm("weight")?, norm("bias")?);
        let (mean, variance) = (norm("running_mean")?, norm("running_var")?);
        let scales = gain.iter().zip(variance);
        let scales = scales.map(|(g, v)| f64::from(*g) / (f64::from(*v) + EPSILON).sqrt());
        let scales: Vec<f64> = scales.collect();
        let filters = weight.chunks_exact(weight.len() / out).zip(&scales);
        let weight: Vec<f32> = filters
            .flat_map(|(filter, scale)| filter.iter().map(move |w| (f64::from(*w) * scale) as f32))
            .collect();
        let shifts = shift.iter().zip(mean).zip(&scales);
        let bias: Vec<f32> = shifts
            .map(|((shift, mean), scale)| (f64::from(*shift) - f64::from(*mean) * scale) as f32)
            .collect();
        if weight.iter().chain(&bias).any(|value| !value.is_finite()) {
            return Err(format!("{name} holds numbers that are not finite"));
        }
        let weight = Tensor::from_data(TensorData::new(weight, size), self.device);
        let bias = Tensor::from_data(TensorData::new(bias, [out]), self.device);
        Ok(Unit::new(weight, bias, stride))
    }

    /// The last affine map, `[C, 400]` and `[1, 400]`.
    pub(super) fn logits(&self, channels: usize) -> Result<(Tensor<2>, Tensor<2>), String> {
        let weight = self.get("logits.conv3d.weight", &[CLASSES, channels, 1, 1, 1])?;
        let bias = self.get("logits.conv3d.bias", &[CLASSES])?;
        let weight = TensorData::new(weight.to_vec(), [CLASSES, channels]);
        let bias = TensorData::new(bias.to_vec(), [1, CLASSES]);
        let weight = Tensor::<2>::from_data(weight, self.device);
        Ok((weight.transpose(), Tensor::from_data(bias, self.device)))
    }

    fn get(&self, name: &str, wanted: &[usize]) -> Result<&[f32], String> {
        match self.tensors.get(name) {
            Some((shape, values)) if shape == wanted => Ok(values),
            Some((shape, _)) => Err(format!("{name} is {shape:?} where {wanted:?} is expected")),
            None => Err(format!("{name} is missing")),
        }
    }
}
