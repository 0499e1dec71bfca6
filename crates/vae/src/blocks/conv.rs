//! Convolutions on video tensors `[B, C, T, H, W]`.

use burn::module::{Module, Param, ParamId};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

use crate::pass::{Pass, TemporalRule};

const TIME: usize = 2;

/// Uniform in `±1/sqrt(fan_in)`, PyTorch's default for convolution weights and biases.
fn uniform<const D: usize>(shape: [usize; D], fan_in: usize, device: &Device) -> Param<Tensor<D>> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    drawn_when_used(shape, Distribution::Uniform(-bound, bound), device)
}

/// A random parameter that is drawn when first asked for: a model that is loaded, or only counted,
/// never draws it.
pub(crate) fn drawn_when_used<const D: usize>(
    shape: [usize; D],
    distribution: Distribution,
    device: &Device,
) -> Param<Tensor<D>> {
    Param::uninitialized(
        ParamId::new(),
        move |device, require_grad| {
            let fresh = Tensor::random(shape, distribution, device);
            fresh.set_require_grad(require_grad)
        },
        device.clone(),
        true,
        shape.into(),
    )
}

/// A convolution with zero `padding`; those without stride, nearly all the work, take the faster
/// operation of [`conv3d`].
fn convolve(
    x: Tensor<5>,
    weight: Tensor<5>,
    bias: Tensor<1>,
    stride: [usize; 3],
    padding: [usize; 3],
) -> Tensor<5> {
    if stride == [1; 3] {
        return conv3d::conv3d(x, weight, bias, padding);
    }
    let options = ConvOptions::new(stride, padding, [1; 3], 1);
    burn::tensor::module::conv3d(x, weight, Some(bias), options)
}

/// A per-frame 3x3 convolution with zero padding 1.
#[derive(Module, Debug)]
pub(crate) struct Conv2d {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
}

impl Conv2d {
    /// A 3x3 convolution.
    pub(crate) fn new(channels_in: usize, channels_out: usize, device: &Device) -> Self {
        Self::with_kernel(channels_in, channels_out, 3, device)
    }

    /// A convolution with a kernel of `kernel` by `kernel`.
    pub(crate) fn with_kernel(
        channels_in: usize,
        channels_out: usize,
        kernel: usize,
        device: &Device,
    ) -> Self {
        let fan_in = channels_in * kernel * kernel;
        Self {
            weight: uniform([channels_out, channels_in, kernel, kernel], fan_in, device),
            bias: uniform([channels_out], fan_in, device),
        }
    }

    /// A 1x1 convolution that gives zeros until it is trained.
    pub(crate) fn zeros(channels_in: usize, channels_out: usize, device: &Device) -> Self {
        let weight = Tensor::zeros([channels_out, channels_in, 1, 1], device);
        Self {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(Tensor::zeros([channels_out], device)),
        }
    }

    /// Same size out, zero padding.
    ///
    /// # Shapes
    /// `[B, C_in, T, H, W]` to `[B, C_out, T, H, W]`.
    pub(crate) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let pad = self.weight.dims()[2] / 2;
        self.apply(x, 1, pad)
    }

    /// Stride 2 without padding: the caller pads.
    pub(crate) fn forward_stride2(&self, x: Tensor<5>) -> Tensor<5> {
        self.apply(x, 2, 0)
    }

    /// The weights, `[C_out, C_in, k, k]`.
    pub(crate) fn weight(&self) -> Tensor<4> {
        self.weight.val()
    }

    /// [`forward`](Self::forward) with other weights and without bias.
    pub(crate) fn with_weight(&self, x: Tensor<5>, weight: Tensor<4>) -> Tensor<5> {
        let [channels, _, kernel, _] = weight.dims();
        let bias = Tensor::zeros([channels], (&x.device(), x.dtype()));
        let pad = kernel / 2;
        convolve(x, weight.unsqueeze_dim::<5>(2), bias, [1; 3], [0, pad, pad])
    }

    /// Same size out of a 3x3 kernel whose taps are `dilation` apart, zero padding.
    pub(crate) fn forward_dilated(&self, x: Tensor<5>, dilation: usize) -> Tensor<5> {
        let spread = [1, dilation, dilation];
        let options = ConvOptions::new([1; 3], [0, dilation, dilation], spread, 1);
        let weight = self.weight.val().unsqueeze_dim::<5>(2);
        burn::tensor::module::conv3d(x, weight, Some(self.bias.val()), options)
    }

    /// One frame deep in 3-D is the same as folding time into the batch, without moving memory.
    fn apply(&self, x: Tensor<5>, stride: usize, pad: usize) -> Tensor<5> {
        let weight = self.weight.val().unsqueeze_dim::<5>(2);
        convolve(
            x,
            weight,
            self.bias.val(),
            [1, stride, stride],
            [0, pad, pad],
        )
    }
}

/// Weight and bias of a 3-D convolution with a kernel of any extent. In a [`Conv3d`] it is a level
/// of its own in parameter names (`<name>.conv.weight`).
#[derive(Module, Debug)]
pub(crate) struct Kernel3d {
    weight: Param<Tensor<5>>,
    bias: Param<Tensor<1>>,
}

impl Kernel3d {
    /// A kernel of `[K_t, K_h, K_w]`.
    pub(crate) fn new(
        channels_in: usize,
        channels_out: usize,
        kernel: [usize; 3],
        device: &Device,
    ) -> Self {
        let [time, height, width] = kernel;
        let fan_in = channels_in * time * height * width;
        let shape = [channels_out, channels_in, time, height, width];
        Self {
            weight: uniform(shape, fan_in, device),
            bias: uniform([channels_out], fan_in, device),
        }
    }

    /// Same size out: zeros around each frame, and zeros, or in a stream the frames before, in
    /// front of the first. Source: spec/wanvae.md 1.
    ///
    /// # Shapes
    /// `[B, C_in, T, H, W]` to `[B, C_out, T, H, W]`.
    pub(crate) fn forward_causal(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        let before = self.weight.dims()[TIME] - 1;
        let x = if before == 0 {
            x
        } else {
            pass.after_zeros(self.id(), x, TIME, before)
        };
        self.forward_frames(x, 1)
    }

    /// No padding in time, same size in rows and columns.
    ///
    /// # Shapes
    /// `[B, C_in, T, H, W]` to `[B, C_out, (T - K_t) / stride + 1, H, W]`.
    pub(crate) fn forward_frames(&self, x: Tensor<5>, stride: usize) -> Tensor<5> {
        let [_, _, _, height, width] = self.weight.dims();
        self.apply(x, [stride, 1, 1], [0, height / 2, width / 2])
    }

    /// Stable identity of this layer: the key of its state in a stream.
    pub(crate) fn id(&self) -> ParamId {
        self.weight.id
    }

    fn apply(&self, x: Tensor<5>, stride: [usize; 3], padding: [usize; 3]) -> Tensor<5> {
        convolve(x, self.weight.val(), self.bias.val(), stride, padding)
    }
}

/// A 3-D convolution: causal in time (the first frame repeated in front, or the cache of a
/// stream) or symmetric (zero padding), as the [`Pass`] says.
#[derive(Module, Debug)]
pub(crate) struct Conv3d {
    conv: Kernel3d,
}

impl Conv3d {
    /// A convolution with a kernel of `kernel` in all three axes.
    pub(crate) fn new(
        channels_in: usize,
        channels_out: usize,
        kernel: usize,
        device: &Device,
    ) -> Self {
        Self {
            conv: Kernel3d::new(channels_in, channels_out, [kernel; 3], device),
        }
    }

    /// Same size out.
    ///
    /// # Shapes
    /// `[B, C_in, T, H, W]` to `[B, C_out, T, H, W]`. Source: spec/wfvae.md 3.3, spec/lcvae.md 2.1.
    pub(crate) fn forward(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.apply(x, 1, self.kernel() / 2, pass)
    }

    /// Stride 2 in all axes, no spatial padding (the caller pads).
    pub(crate) fn forward_stride2(&self, x: Tensor<5>, pass: &mut Pass) -> Tensor<5> {
        self.apply(x, 2, 0, pass)
    }

    /// Stable identity of this layer: the key of its state in a stream.
    pub(crate) fn id(&self) -> ParamId {
        self.conv.id()
    }

    fn kernel(&self) -> usize {
        self.conv.weight.dims()[TIME]
    }

    fn apply(&self, x: Tensor<5>, stride: usize, pad: usize, pass: &mut Pass) -> Tensor<5> {
        let kernel = self.kernel();
        let (x, pad_time) = match pass.rule() {
            _ if kernel == 1 => (x, 0),
            TemporalRule::Symmetric => (x, kernel / 2),
            TemporalRule::Causal => (pass.with_history(self.id(), x, kernel, stride), 0),
        };
        self.conv.apply(x, [stride; 3], [pad_time, pad, pad])
    }
}
