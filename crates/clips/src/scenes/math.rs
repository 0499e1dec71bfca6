//! Arithmetic that gives the same bits on every platform.
//!
//! Only `+ - * /`, square roots and rounding are exact everywhere; sines come from a polynomial,
//! because those of the platforms' own libraries differ in the last bit.

use std::ops::{Add, Mul, Sub};

/// A point or direction in the picture plane, in frame heights, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vec2 {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Vec2 {
    pub(crate) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The unit vector at an angle in turns.
    pub(crate) fn at_angle(turns: f32) -> Self {
        Self {
            x: cos_turns(turns),
            y: sin_turns(turns),
        }
    }

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// Turned by the angle whose unit vector is `direction`.
    pub(crate) fn turned(self, direction: Self) -> Self {
        Self::new(
            self.x * direction.x - self.y * direction.y,
            self.x * direction.y + self.y * direction.x,
        )
    }
}

impl Add for Vec2 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Vec2 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f32> for Vec2 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}

/// Sine of an angle in turns, within 1e-5.
pub(crate) fn sin_turns(turns: f32) -> f32 {
    // Folded to a quarter turn either side of zero, where a short odd polynomial is enough.
    let phase = turns - (turns + 0.5).floor();
    let folded = if phase > 0.25 {
        0.5 - phase
    } else if phase < -0.25 {
        -0.5 - phase
    } else {
        phase
    };
    let x = folded * std::f32::consts::TAU;
    let x2 = x * x;
    x * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0 * (1.0 - x2 / 72.0))))
}

/// Cosine of an angle in turns, within 1e-5.
pub(crate) fn cos_turns(turns: f32) -> f32 {
    sin_turns(turns + 0.25)
}

/// 0 below `from`, 1 above `to`, smooth in between.
pub(crate) fn smoothstep(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Share of a pixel of size `pixel` covered by a shape whose edge is `distance` away, negative
/// inside.
pub(crate) fn coverage(distance: f32, pixel: f32) -> f32 {
    (0.5 - distance / pixel).clamp(0.0, 1.0)
}

/// From `a` at 0 to `b` at 1.
pub(crate) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_a_sine() {
        for step in -400..400 {
            let turns = step as f32 / 97.0;
            let exact = (f64::from(turns) * std::f64::consts::TAU).sin();
            assert!(
                (f64::from(sin_turns(turns)) - exact).abs() < 1e-5,
                "{turns}"
            );
        }
    }

    #[test]
    fn coverage_is_half_on_the_edge() {
        assert_eq!(coverage(0.0, 0.01), 0.5);
        assert_eq!((coverage(-1.0, 0.01), coverage(1.0, 0.01)), (1.0, 0.0));
    }
}
