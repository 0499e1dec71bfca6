//! A brick wall under a failing lamp, with film grain.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, mix, smoothstep};
use super::noise::{Dice, Noise};

/// Bricks in one frame height, across and down.
const BRICKS: Vec2 = Vec2::new(4.0, 10.0);

pub(crate) struct Flicker {
    palette: Palette,
    bricks: Noise,
    surface: Noise,
    mood: Noise,
    grain: Noise,
    lamp: Vec2,
    sign: Vec2,
    sign_colour: Colour,
    lamp_power: f32,
    sign_power: f32,
}

impl Flicker {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let neon = [0xff3f8e, 0x3fd2ff, 0x8dff5a, 0xb06bff];
        let lamp = Vec2::new(dice.between(-0.45, 0.0), dice.between(-0.5, -0.3));
        Self {
            palette: Palette::pick(dice),
            bricks: dice.noise(),
            surface: dice.noise(),
            mood: dice.noise(),
            grain: dice.noise(),
            lamp,
            sign: Vec2::new(lamp.x + dice.between(0.5, 0.8), dice.between(0.1, 0.4)),
            sign_colour: Colour::hex(neon[(dice.next() % 4) as usize]),
            lamp_power: 1.0,
            sign_power: 1.0,
        }
    }

    fn wall(&self, p: Vec2, pixel: f32) -> Colour {
        let row = (p.y * BRICKS.y).floor();
        let shifted = p.x * BRICKS.x + 0.5 * (row - 2.0 * (row / 2.0).floor());
        let column = shifted.floor();
        let within = Vec2::new(shifted - column, p.y * BRICKS.y - row);
        let edge =
            (within.x.min(1.0 - within.x) / BRICKS.x).min(within.y.min(1.0 - within.y) / BRICKS.y);
        let rough = self.surface.rough(p * 14.0, pixel * 14.0, 4, 0.7);
        let inside = smoothstep(0.005 - 0.6 * pixel, 0.005 + pixel, edge - 0.003 * rough);
        let own = self.bricks.cell(column as i32, row as i32);
        let bevel = mix(0.16, -0.16, within.y) * smoothstep(0.03, 0.0, edge);
        let brick = self.palette.at(0.25 + 0.4 * own) * (0.9 + 0.28 * rough + bevel);
        let mortar = self.palette.at(0.85) * (0.5 + 0.15 * rough);
        mortar.mix(brick, inside)
    }
}

impl Shader for Flicker {
    fn advance(&mut self, time: f32) {
        let frame = time.floor() as i32;
        let dip = if self.mood.cell(frame / 3, 1) < 0.3 {
            0.45
        } else {
            1.0
        };
        self.lamp_power = dip * mix(0.7, 1.15, self.mood.cell(frame, 2));
        self.sign_power = if self.mood.cell(frame / 2, 3) < 0.4 {
            0.12
        } else {
            1.0
        };
        self.grain = self.mood.layer(frame);
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let reach = |from: Vec2, width: f32| {
            let away = (p - from).length() / width;
            1.0 / (1.0 + away * away)
        };
        let lamp = Colour::hex(0xffd9a0) * (1.7 * self.lamp_power * reach(self.lamp, 0.38));
        let sign = self.sign_colour * (1.2 * self.sign_power * reach(self.sign, 0.22));
        let light = Colour([0.10, 0.12, 0.18]) + lamp + sign;
        let (x, y) = ((p.x / pixel).floor() as i32, (p.y / pixel).floor() as i32);
        let grain = self.grain.cell(x, y) + self.grain.cell(y, x ^ 0x55) - 1.0;
        self.wall(p, pixel).tinted(light) + Colour::WHITE * (0.07 * grain)
    }
}
