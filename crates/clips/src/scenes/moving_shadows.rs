//! Soft shadows and hard edges wandering over a tiled floor.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, coverage, mix, sin_turns, smoothstep};
use super::noise::{Dice, Noise};

/// Tiles in one frame height.
const TILES: f32 = 4.0;

pub(crate) struct MovingShadows {
    palette: Palette,
    wear: Noise,
    foliage: Noise,
    lean: Vec2,
    /// Turns of the tiles' pattern.
    ornament: f32,
    sweep: f32,
    breeze: Vec2,
    time: f32,
    window: Vec2,
}

impl MovingShadows {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            palette: Palette::pick(dice),
            wear: dice.noise(),
            foliage: dice.noise(),
            lean: Vec2::at_angle(dice.between(-0.09, 0.09)),
            ornament: dice.between(0.28, 0.46),
            sweep: dice.sign() * dice.between(0.006, 0.012),
            breeze: Vec2::at_angle(dice.unit()),
            time: 0.0,
            window: Vec2::new(0.0, 0.0),
        }
    }

    /// Cement tiles: a star of circle arcs and a diamond, in three tones of the palette.
    fn floor(&self, p: Vec2, pixel: f32) -> Colour {
        let place = p * TILES;
        let (column, row) = (place.x.floor(), place.y.floor());
        let own = Vec2::new(place.x - column - 0.5, place.y - row - 0.5);
        let (x, y) = (own.x.abs(), own.y.abs());
        let soft = pixel * TILES;
        let wear = self.wear.rough(p * 10.0, pixel * 10.0, 4, 0.65);
        let tone = |t: f32| self.palette.at(t + 0.05 * wear);
        let corner = Vec2::new(x - 0.5, y - 0.5).length() - self.ornament;
        let ring = (corner + 0.06).abs() - 0.025;
        let diamond = (x + y) * 0.707 - 0.17;
        let tile = tone(0.92)
            .mix(tone(0.4), coverage(corner, soft))
            .mix(tone(0.72), coverage(ring, soft))
            .mix(tone(0.2), coverage(diamond, soft))
            .mix(tone(0.8), coverage(diamond + 0.08, soft));
        let own_tone = 0.92 + 0.12 * self.wear.cell(column as i32, row as i32);
        let joint = coverage((0.5 - x.max(y)) - 0.012, soft);
        (tile * (own_tone + 0.1 * wear)).mix(self.palette.at(0.1), joint * 0.7)
    }

    /// Sunlight through a window with bars, 0 to 1; its edges are nearly sharp.
    fn window(&self, p: Vec2, pixel: f32) -> f32 {
        let glass = (p - self.window).turned(self.lean);
        let slant = Vec2::new(glass.x + 0.35 * glass.y, glass.y);
        // A colonnade of windows, so that there is always one in the picture.
        let bay = slant.x / 0.95;
        let within = Vec2::new((bay - (bay + 0.5).floor()).abs() * 0.95, slant.y.abs());
        let soft = pixel.max(0.012);
        let outer = (within.x - 0.36).max(within.y - 0.42);
        let bars = (0.016 - within.x).max(0.016 - (within.y - 0.14).abs());
        coverage(outer.max(bars), soft)
    }

    /// Sunlight through leaves in the wind, 0 to 1; its edges are soft.
    fn foliage(&self, p: Vec2) -> f32 {
        let sway = 0.05 * sin_turns(self.time / 23.0) + 0.03 * sin_turns(self.time / 9.0 + p.x);
        let place = p + self.breeze * sway + Vec2::new(self.time * 0.002, 0.0);
        let twigs = self
            .foliage
            .fbm_time(place * 3.2, self.time / 40.0, 0.05, 3);
        mix(0.3, 1.0, smoothstep(-0.18, 0.12, twigs + 0.25 * place.x))
    }
}

impl Shader for MovingShadows {
    fn advance(&mut self, time: f32) {
        self.time = time;
        self.window = Vec2::new(self.sweep * time, 0.05 * sin_turns(time / 90.0));
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let window = self.window(p, pixel);
        let sun = if window > 0.0 {
            window * self.foliage(p)
        } else {
            0.0
        };
        let light = Colour([0.34, 0.38, 0.5]).mix(Colour([1.12, 1.04, 0.9]), sun);
        self.floor(p, pixel).tinted(light)
    }
}
