//! The operation on the CPU backend's tensors.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorData, backend_extension};
use pulp::{Simd, WithSimd};

use super::normal::normal;
use crate::parallel;
use crate::vectors::Vectors;

/// Rows of channels to a task.
const ROWS: usize = 32;
/// Numbers taken together: a vector of the widest.
#[cfg(feature = "autodiff")]
const LANES: usize = 16;

/// A gate, dispatched to the CPU backend with or without gradients.
#[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
pub(crate) trait CpuGate: Backend {
    /// `[.., 2 C]` to `[.., C]`.
    fn gated_gelu_cpu(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl CpuGate for Flex {
    fn gated_gelu_cpu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let x = x.to_contiguous();
        let mut shape = x.layout().shape().to_vec();
        let last = shape.len() - 1;
        shape[last] /= 2;
        let half = shape[last];
        let mut output = vec![0.0; shape.iter().product()];
        let rows = output.chunks_mut((ROWS * half).max(1));
        let rows = rows.zip(x.storage::<f32>().chunks((ROWS * 2 * half).max(1)));
        let vectors = Vectors::new();
        parallel::for_each(rows.collect(), |(output, x)| {
            vectors.dispatch(Forward { x, output, half });
        });
        Self::float_from_data(TensorData::new(output, shape), &Default::default())
    }
}

/// `output = value * gelu(gate)`, row by row.
struct Forward<'a> {
    x: &'a [f32],
    output: &'a mut [f32],
    half: usize,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    // The loops become vector instructions because they are inlined where those are allowed.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let rows = self.x.chunks_exact(2 * self.half);
        for (x, output) in rows.zip(self.output.chunks_exact_mut(self.half)) {
            let (value, gate) = x.split_at(self.half);
            for ((output, value), gate) in output.iter_mut().zip(value).zip(gate) {
                *output = value * gate * normal(*gate).0;
            }
        }
    }
}

/// The gradient of the input from that of the output.
#[cfg(feature = "autodiff")]
pub(super) fn gradient(x: FloatTensor<Flex>, dy: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let (x, dy) = (x.to_contiguous(), dy.to_contiguous());
    let shape = x.layout().shape().to_vec();
    let half = shape.last().map_or(0, |channels| channels / 2);
    let mut dx = vec![0.0; shape.iter().product()];
    let rows = dx.chunks_mut((ROWS * 2 * half).max(1));
    let rows = rows.zip(x.storage::<f32>().chunks((ROWS * 2 * half).max(1)));
    let rows = rows.zip(dy.storage::<f32>().chunks((ROWS * half).max(1)));
    let vectors = Vectors::new();
    parallel::for_each(rows.collect(), |((dx, x), dy)| {
        vectors.dispatch(Gradient { x, dy, dx, half });
    });
    Flex::float_from_data(TensorData::new(dx, shape), &Default::default())
}

/// `d value = dy * gelu(gate)` and `d gate = dy * value * gelu'(gate)`, row by row.
#[cfg(feature = "autodiff")]
struct Gradient<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    dx: &'a mut [f32],
    half: usize,
}

#[cfg(feature = "autodiff")]
impl WithSimd for Gradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (half, x, dy) = (self.half, self.x, self.dy);
        let rows = x.chunks_exact(2 * half).zip(dy.chunks_exact(half));
        for ((x, dy), dx) in rows.zip(self.dx.chunks_exact_mut(2 * half)) {
            let ((value, gate), (dvalue, dgate)) = (x.split_at(half), dx.split_at_mut(half));
            let vectors = half - half % LANES;
            for at in (0..vectors).step_by(LANES) {
                gradients::<LANES>([&value[at..], &gate[at..], &dy[at..]], dvalue, dgate, at);
            }
            for at in vectors..half {
                gradients::<1>([&value[at..], &gate[at..], &dy[at..]], dvalue, dgate, at);
            }
        }
    }
}

/// `N` numbers of both gradients, written at `at`. They are computed into arrays of their own: a
/// compiler that cannot tell two halves of one slice apart makes no vectors of them.
#[cfg(feature = "autodiff")]
#[inline(always)]
fn gradients<const N: usize>(
    [value, gate, dy]: [&[f32]; 3],
    dvalue: &mut [f32],
    dgate: &mut [f32],
    at: usize,
) {
    let [value, gate, dy] = [&value[..N], &gate[..N], &dy[..N]];
    let (mut of_value, mut of_gate) = ([0.0; N], [0.0; N]);
    for i in 0..N {
        let (below, density) = normal(gate[i]);
        of_value[i] = dy[i] * gate[i] * below;
        of_gate[i] = dy[i] * value[i] * (below + gate[i] * density);
    }
    dvalue[at..at + N].copy_from_slice(&of_value);
    dgate[at..at + N].copy_from_slice(&of_gate);
}
