//! Hashed randomness and smooth noise.

use super::math::Vec2;

/// A stream of random numbers from a seed (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform in [from, to).
    pub(crate) fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// -1 or 1.
    pub(crate) fn sign(&mut self) -> f32 {
        if self.next() & 1 == 0 { -1.0 } else { 1.0 }
    }

    /// A noise field of its own.
    pub(crate) fn noise(&mut self) -> Noise {
        Noise(self.next() as u32)
    }
}

/// A fixed random field over the plane, and over the plane and time.
#[derive(Clone, Copy)]
pub(crate) struct Noise(u32);

impl Noise {
    /// The hash of a lattice cell.
    pub(crate) fn hash(self, x: i32, y: i32) -> u32 {
        let mut h = self.0 ^ (x as u32).wrapping_mul(0x9E37_79B1);
        h = (h ^ (h >> 15)).wrapping_add((y as u32).wrapping_mul(0x85EB_CA77));
        h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
        h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
        h ^ (h >> 15)
    }

    /// Uniform in [0, 1) for a lattice cell.
    pub(crate) fn cell(self, x: i32, y: i32) -> f32 {
        unit(self.hash(x, y))
    }

    /// The field at another moment or purpose.
    pub(crate) fn layer(self, index: i32) -> Self {
        Self(self.hash(index, 0x5bd1))
    }

    fn octave(self) -> Self {
        Self(self.0.wrapping_add(0x6A09_E667))
    }

    /// Smooth noise with features one unit wide, about -1 to 1, mean 0.
    pub(crate) fn at(self, p: Vec2) -> f32 {
        let (x0, y0) = (p.x.floor(), p.y.floor());
        let (x, y) = (p.x - x0, p.y - y0);
        let (i, j) = (x0 as i32, y0 as i32);
        let corner = |di: i32, dj: i32| {
            let h = self.hash(i + di, j + dj);
            signed(h & 0xffff) * (x - di as f32) + signed(h >> 16) * (y - dj as f32)
        };
        let (u, v) = (ease(x), ease(y));
        let top = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * u;
        let bottom = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * u;
        (top + (bottom - top) * v) * 1.6
    }

    /// [`Noise::at`] changing over time, one unit of `z` being one independent picture.
    pub(crate) fn at_time(self, p: Vec2, z: f32) -> f32 {
        let now = z.floor();
        let (a, b) = (
            self.layer(now as i32).at(p),
            self.layer(now as i32 + 1).at(p),
        );
        let t = ease(z - now);
        // Divided by the norm of the weights, so that contrast does not pulse.
        (a * (1.0 - t) + b * t) / (t * t + (1.0 - t) * (1.0 - t)).sqrt()
    }

    /// Octaves of [`Noise::at`], each twice as fine and half as strong, about -1 to 1. Octaves
    /// finer than two pixels of size `pixel` are left out, so that nothing aliases.
    pub(crate) fn fbm(self, p: Vec2, pixel: f32, octaves: u32) -> f32 {
        self.octaves(p, pixel, octaves, 0.5, |field, p| field.at(p))
    }

    /// [`Noise::fbm`] with a strength ratio `gain` between octaves: 0.5 smooth, 0.7 rough.
    pub(crate) fn rough(self, p: Vec2, pixel: f32, octaves: u32, gain: f32) -> f32 {
        self.octaves(p, pixel, octaves, gain, |field, p| field.at(p))
    }

    /// [`Noise::fbm`] changing over time, finer octaves faster.
    pub(crate) fn fbm_time(self, p: Vec2, z: f32, pixel: f32, octaves: u32) -> f32 {
        self.octaves(p, pixel, octaves, 0.5, |field, p| field.at_time(p, z))
    }

    fn octaves(
        mut self,
        mut p: Vec2,
        mut pixel: f32,
        octaves: u32,
        gain: f32,
        field: impl Fn(Self, Vec2) -> f32,
    ) -> f32 {
        // Turned between octaves, so that their lattices do not line up.
        const TURN: Vec2 = Vec2::new(0.8, 0.6);
        let (mut sum, mut strength) = (0.0, 1.0);
        for _ in 0..octaves {
            let visible = (2.0 - 4.0 * pixel).clamp(0.0, 1.0);
            if visible == 0.0 {
                break;
            }
            sum += field(self, p) * strength * visible;
            (self, p, pixel, strength) = (
                self.octave(),
                p.turned(TURN) * 2.0,
                pixel * 2.0,
                strength * gain,
            );
        }
        sum * (1.0 - gain) * 1.6
    }
}

fn ease(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 / 16_777_216.0
}

fn signed(half: u32) -> f32 {
    half as f32 / 32_768.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[f32]) -> (f32, f32) {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>();
        (mean, (variance / values.len() as f32).sqrt())
    }

    #[test]
    fn noise_is_centred_and_lively() {
        let noise = Dice::new(3).noise();
        let at = |i: usize| noise.at(Vec2::new(i as f32 * 0.37, (i / 90) as f32 * 0.73));
        let (mean, deviation) = spread(&(0..9000).map(at).collect::<Vec<_>>());
        assert!(
            mean.abs() < 0.05 && (0.2..0.6).contains(&deviation),
            "{mean} {deviation}"
        );
    }

    #[test]
    fn noise_has_no_jumps() {
        let noise = Dice::new(5).noise();
        for i in 0..2000 {
            let x = i as f32 * 0.01;
            let step = noise.at(Vec2::new(x, 0.3)) - noise.at(Vec2::new(x + 0.001, 0.3));
            assert!(step.abs() < 0.02, "{x}: {step}");
        }
    }

    #[test]
    fn octaves_below_the_pixel_are_left_out() {
        let noise = Dice::new(7).noise();
        let p = Vec2::new(0.4, 0.9);
        assert_eq!(noise.fbm(p, 0.6, 6), 0.0);
        assert_eq!(noise.fbm(p, 0.3, 6), noise.fbm(p, 0.3, 1));
        assert_ne!(noise.fbm(p, 0.01, 6), noise.fbm(p, 0.01, 1));
    }

    #[test]
    fn dice_are_fair() {
        let mut dice = Dice::new(1);
        let (mean, deviation) = spread(&(0..4000).map(|_| dice.unit()).collect::<Vec<_>>());
        assert!((mean - 0.5).abs() < 0.02 && (deviation - 0.289).abs() < 0.02);
    }
}
