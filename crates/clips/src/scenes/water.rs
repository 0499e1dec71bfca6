//! Ripples and glints over the bed of a pond.

use super::camera::Shader;
use super::colour::Colour;
use super::math::{Vec2, cos_turns, sin_turns, smoothstep};
use super::noise::Dice;
use super::stones::Stones;

const WAVES: usize = 9;
/// How far the bed appears displaced for a unit of slope.
const DEPTH: f32 = 0.025;

/// A plane wave.
struct Wave {
    /// Waves in one frame height, with direction.
    number: Vec2,
    /// Its direction, as long as it is steep.
    slope: Vec2,
    steepness: f32,
    /// Cosine and sine of the phase of its own bend.
    bend: Vec2,
    /// Turns a frame.
    rate: f32,
    phase: f32,
}

pub(crate) struct Water {
    bed: Stones,
    tint: Colour,
    sky: Colour,
    waves: Vec<Wave>,
    phases: Vec<f32>,
}

impl Water {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let tints = [
            (0x8fd0c8, 0xe8fbff),
            (0x7fb6d8, 0xf2f7ff),
            (0xa8cf9a, 0xfff6d8),
        ];
        let (tint, sky) = tints[(dice.next() % 3) as usize];
        let wind = dice.unit();
        let waves: Vec<Wave> = (0..WAVES)
            .map(|index| Wave::new(dice, index, wind))
            .collect();
        let (tint, sky) = (Colour::hex(tint), Colour::hex(sky));
        Self {
            bed: Stones::new(dice),
            tint,
            sky,
            waves,
            phases: Vec::new(),
        }
    }
}

impl Shader for Water {
    fn advance(&mut self, time: f32) {
        self.phases = self
            .waves
            .iter()
            .map(|wave| wave.phase + wave.rate * time)
            .collect();
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let (mut slope, mut bulge) = (Vec2::new(0.0, 0.0), 0.0);
        // Crests wander a little, or the waves would look ruled.
        let wander = Vec2::at_angle(p.x * 0.7 + p.y * 0.9) * 0.15;
        for (wave, phase) in self.waves.iter().zip(&self.phases) {
            let turns = wave.number.dot(p) + wander.dot(wave.bend) - phase;
            slope = slope + wave.slope * cos_turns(turns);
            bulge += wave.steepness * sin_turns(turns);
        }
        let bed = self.bed.colour(p + slope * DEPTH, pixel);
        // Light gathers on the bed along a net of lines; the surface mirrors the sky where it
        // leans towards the eye, and the sun where it leans just right.
        let net = smoothstep(0.42, 0.0, bulge.abs());
        let murky = bed.mix(self.tint * 0.55, 0.35).tinted(self.tint) * (0.85 + 0.75 * net * net);
        let lean = slope.dot(Vec2::new(-0.5, -0.85));
        let sheen = 0.06 + 0.34 * smoothstep(-0.2, 1.1, lean);
        let glint = smoothstep(0.85, 1.15, lean);
        murky.mix(self.sky, sheen).mix(Colour::WHITE, 0.8 * glint)
    }
}

impl Wave {
    fn new(dice: &mut Dice, index: usize, wind: f32) -> Self {
        let fine = index as f32 / (WAVES - 1) as f32;
        let count = 1.8 + 8.0 * fine * fine + dice.between(0.0, 0.6);
        let direction = Vec2::at_angle(wind + dice.between(-0.3, 0.3));
        let steepness = dice.between(0.16, 0.28) * (0.8 + 0.6 * fine);
        Self {
            number: direction * count,
            slope: direction * steepness,
            steepness,
            bend: Vec2::at_angle(dice.unit()),
            // Deep water: the rate grows with the root of the wave number.
            rate: 0.022 * count.sqrt(),
            phase: dice.unit(),
        }
    }
}
