//! What the network is made of. Padding is TensorFlow's "same" throughout.

use burn::tensor::activation::relu;
use burn::tensor::module::{conv3d as plain_conv3d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions, PadMode};
use burn::tensor::{Tensor, s};
use conv3d::conv3d;

/// A part of the network after another.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    Unit(Box<Unit>),
    Pool(Pool),
    Mixed(Box<Mixed>),
}

impl Stage {
    pub(super) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        match self {
            Self::Unit(unit) => unit.forward(x),
            Self::Pool(pool) => pool.forward(x),
            Self::Mixed(mixed) => mixed.forward(x),
        }
    }
}

/// Convolution, batch normalisation and ReLU; the normalisation is a part of the weights.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// `[C_out, C_in, K, K, K]`; of a strided convolution the [`phases`].
    weight: Tensor<5>,
    bias: Tensor<1>,
    kernel: usize,
    stride: usize,
    /// What the kernel lacks to be a whole number of strides.
    missing: usize,
}

impl Unit {
    /// From weights `[C_out, C_in, K, K, K]` and biases `[C_out]`. `K` is odd.
    pub(super) fn new(weight: Tensor<5>, bias: Tensor<1>, stride: usize) -> Self {
        let kernel = weight.dims()[2];
        let missing = kernel.next_multiple_of(stride) - kernel;
        Self {
            weight: phases(zeros_around(weight, [(0, missing); 3]), stride),
            bias,
            kernel,
            stride,
            missing,
        }
    }

    pub(super) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        let (kernel, stride) = (self.kernel, self.stride);
        relu(if kernel == 1 && stride == 1 {
            // Burn takes this for the matrix product that it is.
            let options = ConvOptions::new([1; 3], [0; 3], [1; 3], 1);
            plain_conv3d(x, weight, Some(bias), options)
        } else if stride == 1 {
            conv3d(x, weight, bias, [kernel / 2; 3])
        } else {
            let around = same(&x, [kernel; 3], [stride; 3]);
            let around = around.map(|(before, behind)| (before, behind + self.missing));
            let x = phases(zeros_around(x, around), stride);
            conv3d(x, weight, bias, [0; 3])
        })
    }
}

/// Every `stride`-th number of the last three axes, from every start, as channels. A strided
/// convolution is one without stride of the phases of both sides, on which quick kernels exist.
fn phases(x: Tensor<5>, stride: usize) -> Tensor<5> {
    if stride == 1 {
        return x;
    }
    let step = stride as isize;
    let starts = 0..stride.pow(3);
    let phase = |start: usize| {
        let [t, h, w] = [
            start / stride / stride,
            start / stride % stride,
            start % stride,
        ];
        x.clone().slice(s![.., .., t..;step, h..;step, w..;step])
    };
    Tensor::cat(starts.map(phase).collect(), 1)
}

/// The largest number of a window. The padding is zeros, which win over negative numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool {
    pub(super) kernel: [usize; 3],
    pub(super) stride: [usize; 3],
}

impl Pool {
    /// First over the picture, then over time.
    pub(super) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let around = same(&x, self.kernel, self.stride);
        let x = zeros_around(x, around);
        let [clips, channels, frames, height, width] = x.dims();
        let ([frames_of, rows, columns], [every, down, across]) = (self.kernel, self.stride);
        let options = |kernel, stride| MaxPoolOptions {
            stride,
            ..MaxPoolOptions::new(kernel)
        };
        let x = x.reshape([clips * channels, frames, height, width]);
        let x = max_pool2d(x, options([rows, columns], [down, across]));
        let [planes, frames, height, width] = x.dims();
        let x = x.reshape([planes, 1, frames, height * width]);
        let x = max_pool2d(x, options([frames_of, 1], [every, 1]));
        let frames = x.dims()[2];
        x.reshape([clips, channels, frames, height, width])
    }
}

/// Four ways side by side, joined along the channels.
#[derive(Clone, Debug)]
pub(super) struct Mixed {
    pub(super) narrow: Unit,
    /// Each 1x1x1 and then 3x3x3.
    pub(super) wide: [[Unit; 2]; 2],
    pub(super) pooled: Unit,
}

impl Mixed {
    /// The pooling in front of the last way.
    pub(super) const POOL: Pool = Pool {
        kernel: [3; 3],
        stride: [1; 3],
    };

    pub(super) fn forward(&self, x: Tensor<5>) -> Tensor<5> {
        let wide = |[first, second]: &[Unit; 2]| second.forward(first.forward(x.clone()));
        let [one, two] = [wide(&self.wide[0]), wide(&self.wide[1])];
        let pooled = self.pooled.forward(Self::POOL.forward(x.clone()));
        Tensor::cat(vec![self.narrow.forward(x), one, two, pooled], 1)
    }
}

/// Zeros before and behind the last three axes with which a window gives as many results as the
/// stride fits in, rounded up. An odd one out is behind.
fn same(x: &Tensor<5>, kernel: [usize; 3], stride: [usize; 3]) -> [(usize, usize); 3] {
    let [_, _, size @ ..] = x.dims();
    std::array::from_fn(|axis| {
        let last = match size[axis] % stride[axis] {
            0 => stride[axis],
            rest => rest,
        };
        let total = kernel[axis].saturating_sub(last);
        (total / 2, total.div_ceil(2))
    })
}

fn zeros_around(x: Tensor<5>, around: [(usize, usize); 3]) -> Tensor<5> {
    if around == [(0, 0); 3] {
        return x;
    }
    x.pad(around, PadMode::Constant(0.0))
}
