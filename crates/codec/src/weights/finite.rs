//! Numbers that are none.

use anyhow::{Result, ensure};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use torchfile::Number;

/// Refuses a safetensors file with a number that is not finite.
///
/// # Errors
/// If there is one, or the file is damaged.
pub fn check_finite(bytes: &[u8]) -> Result<()> {
    for (name, view) in SafeTensors::deserialize(bytes)?.iter() {
        let number = match view.dtype() {
            Dtype::F32 => Number::F32,
            Dtype::F64 => Number::F64,
            Dtype::F16 => Number::F16,
            Dtype::BF16 => Number::Bf16,
            _ => continue,
        };
        let bad = number.values(view.data()).into_iter();
        let bad = bad.filter(|value| !value.is_finite()).count();
        ensure!(
            bad == 0,
            "{bad} numbers of {name} are not finite (NaN or infinite): such a model is of no use"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    #[test]
    fn one_nan_is_enough() {
        let file = |values: [f32; 2]| {
            let data = values.map(f32::to_le_bytes).concat();
            let view = TensorView::new(Dtype::F32, vec![2], &data).unwrap();
            safetensors::serialize([("encoder.a", view)], None).unwrap()
        };
        check_finite(&file([0.0, -1e30])).unwrap();
        for bad in [f32::NAN, f32::INFINITY] {
            let said = check_finite(&file([0.0, bad])).unwrap_err().to_string();
            assert!(said.contains("1 numbers of encoder.a"), "{said}");
        }
    }
}
