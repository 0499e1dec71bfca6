//! Colours and palettes.

use std::ops::{Add, Mul};

use super::math::mix;
use super::noise::Dice;

/// Red, green and blue, 0 to 1, as displayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Colour(pub(crate) [f32; 3]);

impl Colour {
    pub(crate) const WHITE: Self = Self([1.0; 3]);
    pub(crate) const BLACK: Self = Self([0.0; 3]);

    /// From `0xRRGGBB`.
    pub(crate) const fn hex(rgb: u32) -> Self {
        const fn part(value: u32) -> f32 {
            (value & 0xff) as f32 / 255.0
        }
        Self([part(rgb >> 16), part(rgb >> 8), part(rgb)])
    }

    /// From `self` at 0 to `other` at 1.
    pub(crate) fn mix(self, other: Self, t: f32) -> Self {
        Self(std::array::from_fn(|k| mix(self.0[k], other.0[k], t)))
    }

    /// Seen through light of another colour.
    pub(crate) fn tinted(self, light: Self) -> Self {
        Self(std::array::from_fn(|k| self.0[k] * light.0[k]))
    }

    pub(crate) fn bytes(self) -> [u8; 3] {
        self.0
            .map(|value| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
    }
}

impl Add for Colour {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|k| self.0[k] + other.0[k]))
    }
}

impl Mul<f32> for Colour {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self(self.0.map(|value| value * factor))
    }
}

/// Five colours that go together, from dark to light.
#[derive(Clone, Copy)]
pub(crate) struct Palette([Colour; 5]);

impl Palette {
    const ALL: [Self; 10] = [
        Self::of([0x0b2027, 0x1d5c63, 0x40a798, 0xf6c667, 0xfff3d6]),
        Self::of([0x1b1734, 0x5b2a6f, 0xc0395a, 0xf48c45, 0xffe2b0]),
        Self::of([0x14213d, 0x2f5d8a, 0x7fb7be, 0xd9e5d6, 0xfdf6e3]),
        Self::of([0x2b1d14, 0x6b3e26, 0xa8703a, 0xdcb476, 0xf7ead3]),
        Self::of([0x10241b, 0x2f5233, 0x76933c, 0xd3c25c, 0xf6f0cf]),
        Self::of([0x231123, 0x82204a, 0xd6496d, 0xf2a6a0, 0xfdebdf]),
        Self::of([0x0d1b2a, 0x2a4066, 0x6f7fb0, 0xc7a8c9, 0xfbe4e7]),
        Self::of([0x261c15, 0x45503b, 0x8a9a5b, 0xe0a458, 0xfbeac8]),
        Self::of([0x111d4a, 0x1f6f8b, 0x3fb68b, 0xc6d94e, 0xfdfbd4]),
        Self::of([0x1c1c22, 0x4a4e58, 0x8d99a0, 0xcdc7bd, 0xf4f1ea]),
    ];

    const fn of(stops: [u32; 5]) -> Self {
        let [a, b, c, d, e] = stops;
        let hex = Colour::hex;
        Self([hex(a), hex(b), hex(c), hex(d), hex(e)])
    }

    pub(crate) fn pick(dice: &mut Dice) -> Self {
        Self::ALL[(dice.next() % Self::ALL.len() as u64) as usize]
    }

    /// The colour at `t`, dark at 0, light at 1.
    pub(crate) fn at(&self, t: f32) -> Colour {
        let place = t.clamp(0.0, 1.0) * 4.0;
        let stop = (place as usize).min(3);
        self.0[stop].mix(self.0[stop + 1], place - stop as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_run_from_dark_to_light() {
        let brightness = |c: Colour| c.0.iter().sum::<f32>();
        for palette in Palette::ALL {
            assert!(brightness(palette.at(0.0)) < brightness(palette.at(0.5)));
            assert!(brightness(palette.at(0.5)) < brightness(palette.at(1.0)));
        }
    }

    #[test]
    fn bytes_are_clamped_and_rounded() {
        assert_eq!(Colour([-1.0, 0.5, 2.0]).bytes(), [0, 128, 255]);
        assert_eq!(Colour::hex(0x12_80ff).bytes(), [0x12, 0x80, 0xff]);
    }
}
