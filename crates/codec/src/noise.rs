//! Standard normal noise that depends on nothing but a seed and a step.

use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Independent N(0, 1) values of a shape, made on the CPU so that every device sees the same.
pub fn normal(shape: [usize; 5], seed: u64, device: &Device) -> Tensor<5> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let count = shape.iter().product();
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let (a, b) = box_muller(&mut rng);
        values.extend([a, b]);
    }
    values.truncate(count);
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// 0 with a probability of `rate`, else `1 / (1 - rate)`: what dropout multiplies by. Made on the
/// CPU as well.
pub fn keep_factors(shape: [usize; 5], rate: f64, seed: u64, device: &Device) -> Tensor<5> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let kept = (1.0 / (1.0 - rate)) as f32;
    let factor = |_| {
        if rng.random::<f64>() < rate {
            0.0
        } else {
            kept
        }
    };
    let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(factor).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Two independent normal values from two uniform ones.
fn box_muller(rng: &mut SmallRng) -> (f32, f32) {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    let (sin, cos) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
    ((radius * cos) as f32, (radius * sin) as f32)
}

#[cfg(test)]
mod tests {
    use clips::stream_seed;

    use super::*;

    #[test]
    fn noise_is_normal_and_depends_on_the_seed_alone() {
        let device = Device::flex();
        let draw = |seed| {
            normal([1, 4, 8, 16, 16], seed, &device)
                .into_data()
                .try_into_vec::<f32>()
                .unwrap()
        };
        let values = draw(stream_seed(&[1, 2]));
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32;
        assert!(
            mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05,
            "{mean} {variance}"
        );
        assert_eq!(values, draw(stream_seed(&[1, 2])));
        assert_ne!(values, draw(stream_seed(&[2, 1])));
    }

    #[test]
    fn dropping_keeps_the_mean() {
        let factors = keep_factors([1, 4, 8, 16, 16], 0.3, 5, &Device::flex());
        let values = factors.into_data().try_into_vec::<f32>().unwrap();
        let dropped = values.iter().filter(|v| **v == 0.0).count() as f64;
        assert!((dropped / values.len() as f64 - 0.3).abs() < 0.02);
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
    }
}
