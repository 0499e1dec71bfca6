//! Veined stone that does not move.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, smoothstep};
use super::noise::{Dice, Noise};

pub(crate) struct StillTexture {
    palette: Palette,
    vein: Colour,
    body: Noise,
    bend: Noise,
    grain: Noise,
    lean: Vec2,
}

impl StillTexture {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let palette = Palette::pick(dice);
        Self {
            palette,
            vein: palette.at(1.0),
            body: dice.noise(),
            bend: dice.noise(),
            grain: dice.noise(),
            lean: Vec2::at_angle(dice.unit()),
        }
    }
}

impl Shader for StillTexture {
    fn advance(&mut self, _time: f32) {}

    fn moves(&self) -> bool {
        false
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let bent = Vec2::new(
            self.bend.fbm(p * 2.0, pixel * 2.0, 4),
            self.bend.layer(9).fbm(p * 2.0, pixel * 2.0, 4),
        );
        let flow = p.turned(self.lean) + bent * 0.35;
        let body = self
            .body
            .fbm(Vec2::new(flow.x * 1.6, flow.y * 4.0), pixel * 5.0, 5);
        let stone = self.palette.at(0.42 + 0.55 * body + 0.15 * bent.x);
        // Veins run where a smooth field crosses zero.
        let ridge = self.body.layer(5).fbm(flow * 1.3, pixel * 2.0, 3).abs();
        let strength = smoothstep(0.045 + pixel, 0.0, ridge) * (0.55 + 0.45 * bent.y);
        let grain = 1.0 + 0.12 * self.grain.rough(p * 24.0, pixel * 24.0, 3, 0.7);
        stone.mix(self.vein, strength) * grain
    }
}
