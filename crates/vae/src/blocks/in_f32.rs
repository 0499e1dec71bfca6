//! What must be computed in f32 whatever the number type of a pass.

use burn::tensor::{DType, Tensor};

/// What `compute` gives in f32, in the number type of `x`.
pub(crate) fn in_f32<const D: usize>(
    x: Tensor<D>,
    compute: impl FnOnce(Tensor<D>) -> Tensor<D>,
) -> Tensor<D> {
    let dtype = x.dtype();
    compute(x.cast(DType::F32)).cast(dtype)
}
