//! A network with its weights, giving features.

use burn::tensor::activation::relu;
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use conv3d::conv3d;

use crate::compressed;
use crate::error::PerceptualError;
use crate::network::{Step, describe, squeezenet_1_0};
use crate::network_kind::Network;
use crate::tensor_map::TensorMap;

/// A frozen feature network.
#[derive(Clone, Debug)]
pub struct Backbone {
    network: Option<Network>,
    layers: Vec<Layer>,
    shift: Tensor<4>,
    scale: Tensor<4>,
    flip: bool,
}

#[derive(Clone, Debug)]
enum Layer {
    Conv(Box<Conv>),
    Fire(Box<Fire>),
    Pool { kernel: usize, ceil: bool },
    Tap,
}

impl Layer {
    /// The side that comes out; `None` where the window is larger than what goes in.
    fn side(&self, side: usize) -> Option<usize> {
        match self {
            Self::Conv(conv) => {
                let room = (side + 2 * conv.padding).checked_sub(conv.kernel())?;
                Some(room / conv.stride + 1)
            }
            // A window may hang over the edge by one where halves are rounded up.
            Self::Pool { kernel, ceil } => {
                let room = (side + usize::from(*ceil)).checked_sub(*kernel)?;
                Some(room / 2 + 1)
            }
            Self::Fire(_) | Self::Tap => Some(side),
        }
    }
}

/// SqueezeNet's block.
#[derive(Clone, Debug)]
struct Fire {
    squeeze: Conv,
    expand1: Conv,
    expand3: Conv,
}

/// Convolution and ReLU.
#[derive(Clone, Debug)]
struct Conv {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: usize,
}

impl Conv {
    /// Channels that come out.
    fn width(&self) -> usize {
        self.bias.dims()[0]
    }

    fn kernel(&self) -> usize {
        self.weight.dims()[2]
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        if self.stride == 1 {
            // One frame deep, it is the convolution that is quick on a CPU.
            let (x, weight) = (x.unsqueeze_dim(2), weight.unsqueeze_dim(2));
            return relu(conv3d(x, weight, bias, [0, self.padding, self.padding]).squeeze_dim(2));
        }
        let options = ConvOptions::new([self.stride; 2], [self.padding; 2], [1; 2], 1);
        relu(conv2d(x, weight, Some(bias), options))
    }
}

impl Backbone {
    /// Whichever network's file this is: PyTorch or safetensors weights, or the compressed
    /// SqueezeNet 1.0.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn read(bytes: &[u8], device: &Device) -> Result<Self, PerceptualError> {
        let tensors = match TensorMap::read(bytes) {
            Ok(tensors) => tensors,
            Err(error) => return Self::compressed_squeezenet(bytes, device).map_err(|_| error),
        };
        match Network::ALL
            .into_iter()
            .find(|network| network.recognises(&tensors))
        {
            Some(network) => Self::new(network, &tensors, device),
            None => Err(PerceptualError::Unknown {
                found: describe(&tensors),
            }),
        }
    }

    /// A network from the tensors of its file.
    ///
    /// # Errors
    /// If the tensors are another network's or do not fit.
    pub fn new(
        network: Network,
        tensors: &TensorMap,
        device: &Device,
    ) -> Result<Self, PerceptualError> {
        if !network.recognises(tensors) {
            return Err(PerceptualError::WrongNetwork {
                wanted: network,
                found: describe(tensors),
            });
        }
        let layers = build(&network.steps(), tensors, device)
            .map_err(|problem| PerceptualError::Misfit { network, problem })?;
        // Frames in [-1, 1]; spec/metrics.md 3, step 1.
        Ok(Self {
            network: Some(network),
            layers,
            shift: channels([-0.030, -0.088, -0.188], device),
            scale: channels([0.458, 0.448, 0.450], device),
            flip: false,
        })
    }

    /// The compressed SqueezeNet 1.0, from the bytes of its file. There are no LPIPS heads for it.
    ///
    /// # Errors
    /// If the file is another one or cut short.
    pub fn compressed_squeezenet(bytes: &[u8], device: &Device) -> Result<Self, PerceptualError> {
        let tensors = compressed::decode(bytes)?;
        let layers =
            build(&squeezenet_1_0(), &tensors, device).map_err(PerceptualError::Compressed)?;
        // It wants BGR in 0..255 minus (104, 117, 123): (x + 1) 127.5 - m = (x - (m/127.5 - 1)) 127.5.
        let shift = [104.0, 117.0, 123.0].map(|mean: f32| mean / 127.5 - 1.0);
        Ok(Self {
            network: None,
            layers,
            shift: channels(shift, device),
            scale: channels([1.0 / 127.5; 3], device),
            flip: true,
        })
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match self.network {
            Some(network) => network.to_string(),
            None => "compressed SqueezeNet 1.0".to_owned(),
        }
    }

    /// Which network it is; `None` for one without LPIPS heads.
    pub(crate) fn network(&self) -> Option<Network> {
        self.network
    }

    /// Channels at every tap.
    pub(crate) fn widths(&self) -> Vec<usize> {
        let mut width = 3;
        let mut widths = Vec::new();
        for layer in &self.layers {
            match layer {
                Layer::Conv(conv) => width = conv.width(),
                Layer::Fire(fire) => width = fire.expand1.width() + fire.expand3.width(),
                Layer::Pool { .. } => {}
                Layer::Tap => widths.push(width),
            }
        }
        widths
    }

    /// The shortest side of frames that leaves something to compare at the last tap.
    pub fn smallest_side(&self) -> usize {
        (1..)
            .find(|&side| self.last_side(side).is_some())
            .unwrap_or(usize::MAX)
    }

    /// The side of the last features of frames with such a side; `None` if nothing is left.
    fn last_side(&self, side: usize) -> Option<usize> {
        self.layers
            .iter()
            .try_fold(side, |side, layer| layer.side(side))
    }

    /// Features at every tap. `frames` is `[N, 3, H, W]`, RGB in [-1, 1]; each result is
    /// `[N, C, H', W']`.
    pub fn features(&self, frames: Tensor<4>) -> Vec<Tensor<4>> {
        let frames = if self.flip { frames.flip([1]) } else { frames };
        let mut x = (frames - self.shift.clone()) / self.scale.clone();
        let mut taps = Vec::new();
        for layer in &self.layers {
            x = match layer {
                Layer::Conv(conv) => conv.forward(x),
                Layer::Fire(fire) => {
                    let x = fire.squeeze.forward(x);
                    let wide = fire.expand1.forward(x.clone());
                    Tensor::cat(vec![wide, fire.expand3.forward(x)], 1)
                }
                Layer::Pool { kernel, ceil } => {
                    let options = MaxPoolOptions {
                        stride: [2; 2],
                        ceil_mode: *ceil,
                        ..MaxPoolOptions::new([*kernel; 2])
                    };
                    max_pool2d(x, options)
                }
                Layer::Tap => {
                    taps.push(x.clone());
                    x
                }
            };
        }
        taps
    }
}

fn channels(values: [f32; 3], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), [1, 3, 1, 1]), device)
}

fn build(steps: &[Step], tensors: &TensorMap, device: &Device) -> Result<Vec<Layer>, String> {
    let mut width = 3;
    let mut layers = Vec::new();
    for step in steps {
        layers.push(match *step {
            Step::Conv {
                index,
                kernel,
                stride,
                padding,
            } => {
                let name = format!("features.{index}");
                let mut conv = load(tensors, &name, width, kernel, device)?;
                (conv.stride, conv.padding) = (stride, padding);
                width = conv.width();
                Layer::Conv(Box::new(conv))
            }
            Step::Fire(index) => {
                let part = |name: &str, width, kernel| {
                    load(
                        tensors,
                        &format!("features.{index}.{name}"),
                        width,
                        kernel,
                        device,
                    )
                };
                let squeeze = part("squeeze", width, 1)?;
                let squeezed = squeeze.width();
                let expand1 = part("expand1x1", squeezed, 1)?;
                let expand3 = part("expand3x3", squeezed, 3)?;
                width = expand1.width() + expand3.width();
                Layer::Fire(Box::new(Fire {
                    squeeze,
                    expand1,
                    expand3,
                }))
            }
            Step::Pool { kernel, ceil } => Layer::Pool { kernel, ceil },
            Step::Tap => Layer::Tap,
        });
    }
    Ok(layers)
}

/// A convolution with stride 1 that keeps the size.
fn load(
    tensors: &TensorMap,
    name: &str,
    width: usize,
    kernel: usize,
    device: &Device,
) -> Result<Conv, String> {
    let get = |name: String| match tensors.get(&name) {
        Some((shape, values)) => Ok((shape.to_vec(), values.to_vec())),
        None => Err(format!("{name} is missing")),
    };
    let (shape, weight) = get(format!("{name}.weight"))?;
    let (bias_shape, bias) = get(format!("{name}.bias"))?;
    if shape.len() != 4 || shape[1..] != [width, kernel, kernel] || bias_shape != shape[..1] {
        return Err(format!(
            "{name} has weights {shape:?} and biases {bias_shape:?} where {width} channels and a \
             kernel of {kernel} are expected"
        ));
    }
    Ok(Conv {
        weight: Tensor::from_data(TensorData::new(weight, shape), device),
        bias: Tensor::from_data(TensorData::new(bias, bias_shape), device),
        stride: 1,
        padding: kernel / 2,
    })
}
