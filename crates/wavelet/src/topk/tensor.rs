//! Strengths and soft choices as tensors, so that gradients flow through them.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::{Soft, Strength};

/// Weight of the variance in [`Strength::Mix`].
const MIX: f64 = 0.3;
/// The axes of a channel's coefficients.
const WITHIN: [usize; 3] = [2, 3, 4];

impl Strength {
    /// The strength of each channel of each sample.
    ///
    /// # Shapes
    /// `[B, C, T, H, W]` to `[B, C, 1, 1, 1]`.
    pub fn of_channels(self, coefficients: Tensor<5>) -> Tensor<5> {
        let energy = |x: Tensor<5>| x.square().sum_dims(&WITHIN);
        let variance = |x: Tensor<5>| {
            (x.clone() - x.mean_dims(&WITHIN))
                .square()
                .mean_dims(&WITHIN)
        };
        match self {
            Self::Energy => energy(coefficients),
            Self::Variance => variance(coefficients),
            Self::Mix => energy(coefficients.clone()) + variance(coefficients) * MIX,
        }
    }
}

impl Soft {
    /// What share of each coefficient or channel is kept, given how strong they are and the weakest
    /// of the `count` that a hard choice keeps of each sample.
    ///
    /// # Shapes
    /// `strengths` `[B, ..]`, `weakest` `[B, 1, 1, 1, 1]`; the result is like `strengths`.
    pub fn shares(self, strengths: Tensor<5>, weakest: Tensor<5>, count: usize) -> Tensor<5> {
        let shares = sigmoid((strengths - weakest) / self.temperature);
        if !self.exact {
            return shares;
        }
        let sums = shares.clone().sum_dims(&[1, 2, 3, 4]);
        shares * (sums.recip() * count as f64)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn strengths_are_what_their_names_say() {
        let values = [1.0, 3.0, -2.0, -2.0];
        let x = Tensor::<1>::from_floats(values, &Device::flex()).reshape([1, 2, 1, 1, 2]);
        let of = |strength: Strength| {
            let strengths = strength.of_channels(x.clone()).into_data();
            strengths.try_into_vec::<f32>().unwrap()
        };
        assert_eq!(of(Strength::Energy), [10.0, 8.0]);
        assert_eq!(of(Strength::Variance), [1.0, 0.0]);
        assert_eq!(of(Strength::Mix), [10.3, 8.0]);
    }
}
