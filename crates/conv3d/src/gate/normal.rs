//! The normal distribution as arithmetic that compilers turn into vector instructions.

/// Scale of the variable of [`TAIL`].
const SCALE: f32 = 0.3;
/// A polynomial in `t = 1 / (1 + SCALE * x)` that, times `t * exp(-x^2 / 2)`, is the share of the
/// distribution above `x >= 0`: fitted to 1.5e-7 of it up to `x = 14`.
const TAIL: [f32; 8] = [
    0.119_629_29,
    0.120_753_996,
    0.099_913_23,
    0.128_562_57,
    -0.053_685_58,
    0.206_355_77,
    -0.157_204_46,
    0.035_675_123,
];
/// Density at 0.
const PEAK: f32 = 0.398_942_3;

/// The share of the standard normal distribution below `x`, and its density there.
#[inline(always)]
pub(super) fn normal(x: f32) -> (f32, f32) {
    let bell = exp(-0.5 * x * x);
    let t = 1.0 / (1.0 + SCALE * x.abs());
    let mut sum = TAIL[7];
    for factor in [
        TAIL[6], TAIL[5], TAIL[4], TAIL[3], TAIL[2], TAIL[1], TAIL[0],
    ] {
        sum = sum * t + factor;
    }
    let tail = sum * t * bell;
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, PEAK * bell)
}

/// `e^x` for `x <= 0`, to 3e-7 of it; 0 below 1.6e-38.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// The powers of two that a float can hold lie this far apart from its integers: adding it and
    /// taking it away again rounds.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first exact in products with small integers.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const SERIES: [f32; 7] = [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let power = rounded - ROUND;
    let rest = (x - power * LN_2[0]) - power * LN_2[1];
    let mut sum = 0.0;
    for factor in SERIES {
        sum = sum * rest + factor;
    }
    // The power is in the lowest bits, and where a float has its exponent it is that power of two.
    let exponent = rounded
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127);
    let power = sum * f32::from_bits(exponent << 23);
    // What no float can hold has given anything at all; a NaN is below nothing and stays.
    if x < -87.0 { 0.0 } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share below `x` by Simpson's rule from the middle of the distribution.
    fn integrated(x: f64) -> f64 {
        let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let (steps, mut sum) = (2000, 0.0);
        let step = x / f64::from(steps);
        for i in 0..steps {
            let left = f64::from(i) * step;
            sum += density(left) + 4.0 * density(left + 0.5 * step) + density(left + step);
        }
        0.5 + sum * step / 6.0
    }

    #[test]
    fn shares_and_densities_are_right() {
        for i in -60..=60 {
            let x = 0.1 * i as f32;
            let (below, density) = normal(x);
            let expected = integrated(f64::from(x));
            assert!((f64::from(below) - expected).abs() < 4e-7, "{x}: {below}");
            let expected = (-0.5 * f64::from(x * x)).exp() * f64::from(PEAK);
            assert!(
                (f64::from(density) - expected).abs() < 2e-7,
                "{x}: {density}"
            );
        }
    }

    #[test]
    fn far_out_there_is_nothing_left() {
        assert_eq!(normal(30.0).0, 1.0);
        assert!(normal(-30.0).0 < 1e-30 && normal(f32::NEG_INFINITY).0 < 1e-30);
        assert!(normal(f32::NAN).0.is_nan());
    }
}
