//! The Multi-WT packet of LC-VAE, its inverse, and the compact latent.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::{Constants, Group, Mask, MaskError, haar};

/// Multi-WT: a 3-D Haar step and two temporal steps on every coefficient.
///
/// Channel `group * C + c` of the result is [`Group`] `group` of latent channel `c`.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, 32C, ceil(T/8), H/2, W/2]`; lengths that are not a multiple of 8 are
/// padded in front by doubling the first frame at each stage. Source: spec/lcvae.md 3.1.
pub fn multi_wt(latent: Tensor<5>, constants: Constants) -> Tensor<5> {
    let x = haar::haar3d(latent, constants);
    let x = haar::haar_time(x, constants);
    haar::haar_time(x, constants)
}

/// Inverse of [`multi_wt`]. The padding of a latent whose length is not a multiple of 8 stays in
/// front: the latent is the *last* frames of the result.
///
/// # Shapes
/// `[B, 32C, T, H, W]` to `[B, C, 8T, 2H, 2W]`.
pub fn inverse_multi_wt(coefficients: Tensor<5>, constants: Constants) -> Tensor<5> {
    let x = haar::inverse_haar_time(coefficients, constants);
    let x = haar::inverse_haar_time(x, constants);
    haar::inverse_haar3d(x, constants)
}

/// The latent with everything that the mask drops set to zero in the Multi-WT domain.
///
/// # Shapes
/// `[B, C, T, H, W]` to `[B, C, 8 ceil(T/8), H, W]`, H and W rounded down to even: where padding
/// was needed it stays in front, as in the reference.
///
/// # Errors
/// If the mask is for another number of channels.
pub fn zero_dropped(
    latent: Tensor<5>,
    mask: &Mask,
    constants: Constants,
) -> Result<Tensor<5>, MaskError> {
    fits(mask, latent.dims()[1] * Group::COUNT)?;
    let kept = mask_tensor(mask, &latent.device()).cast(latent.dtype());
    Ok(through_packet(latent, constants, |x| x * kept))
}

/// The latent after a change to its Multi-WT coefficients.
///
/// # Shapes
/// `[B, C, T, H, W]` as for [`zero_dropped`]; `change` is given coefficients
/// `[B, 32C, ceil(T/8), H/2, W/2]` and keeps their shape.
pub fn through_packet(
    latent: Tensor<5>,
    constants: Constants,
    change: impl FnOnce(Tensor<5>) -> Tensor<5>,
) -> Tensor<5> {
    inverse_multi_wt(change(multi_wt(latent, constants)), constants)
}

/// The compact latent: the kept coefficient channels only, in ascending order.
///
/// # Shapes
/// `[B, 32C, T, H, W]` to `[B, K, T, H, W]`.
///
/// # Errors
/// If the mask is for another number of channels.
pub fn compact(coefficients: Tensor<5>, mask: &Mask) -> Result<Tensor<5>, MaskError> {
    fits(mask, coefficients.dims()[1])?;
    let indices = mask.indices().into_iter().map(|i| i as i64).collect();
    let indices = index_tensor(indices, &coefficients.device());
    Ok(coefficients.select(1, indices))
}

/// Full-width coefficients from a compact latent, zeros where the mask drops.
///
/// # Shapes
/// `[B, K, T, H, W]` to `[B, 32C, T, H, W]`.
///
/// # Errors
/// If K is not the mask's number of kept channels.
pub fn expand(compact: Tensor<5>, mask: &Mask) -> Result<Tensor<5>, MaskError> {
    let [batch, kept, frames, height, width] = compact.dims();
    if kept != mask.kept_count() {
        return Err(MaskError::WrongLength {
            mask: mask.kept_count(),
            latent: kept,
        });
    }
    let device = compact.device();
    // Dropped channels all read one channel of zeros behind the kept ones.
    let zeros = Tensor::zeros(
        [batch, 1, frames, height, width],
        (&device, compact.dtype()),
    );
    let mut next = 0;
    let source = mask.kept().iter().map(|&keep| {
        if keep {
            next += 1;
            next - 1
        } else {
            kept as i64
        }
    });
    let source = index_tensor(source.collect(), &device);
    Ok(Tensor::cat(vec![compact, zeros], 1).select(1, source))
}

fn fits(mask: &Mask, latent: usize) -> Result<(), MaskError> {
    let len = mask.kept().len();
    if len == latent {
        Ok(())
    } else {
        Err(MaskError::WrongLength { mask: len, latent })
    }
}

fn mask_tensor(mask: &Mask, device: &Device) -> Tensor<5> {
    let values: Vec<f32> = mask
        .kept()
        .iter()
        .map(|&k| f32::from(u8::from(k)))
        .collect();
    let shape = [1, values.len(), 1, 1, 1];
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn index_tensor(indices: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let shape = [indices.len()];
    Tensor::from_data(TensorData::new(indices, shape), device)
}
