//! Stained glass, turning and coming closer.

use super::camera::Shader;
use super::cells::cell_at;
use super::colour::{Colour, Palette};
use super::math::{Vec2, mix, sin_turns, smoothstep};
use super::noise::{Dice, Noise};

pub(crate) struct ZoomRotation {
    palette: Palette,
    panes: Noise,
    streaks: Noise,
    spin: f32,
    zoom: f32,
    eye: Vec2,
    turn: Vec2,
    scale: f32,
}

impl ZoomRotation {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            palette: Palette::pick(dice),
            panes: dice.noise(),
            streaks: dice.noise(),
            spin: dice.sign() * dice.between(0.002, 0.004),
            zoom: dice.between(0.12, 0.2),
            eye: Vec2::new(dice.between(-40.0, 40.0), dice.between(-40.0, 40.0)),
            turn: Vec2::new(1.0, 0.0),
            scale: 1.0,
        }
    }
}

impl Shader for ZoomRotation {
    fn advance(&mut self, time: f32) {
        self.turn = Vec2::at_angle(self.spin * time);
        // In and out again over 128 frames, so that long clips stay within the texture's detail.
        self.scale = 6.0 / (1.0 + self.zoom * 8.0 * (0.5 - 0.5 * sin_turns(0.25 + time / 128.0)));
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let glass = p.turned(self.turn) * self.scale + self.eye;
        let pixel = pixel * self.scale;
        let cell = cell_at(self.panes, glass);
        let along = glass.turned(Vec2::at_angle(cell.random(1)));
        let field = self.streaks.layer(cell.id as i32);
        let streak = field.rough(Vec2::new(along.x * 1.2, along.y * 5.0), pixel * 5.0, 4, 0.6);
        let tone = 0.2 + 0.75 * cell.random(0) + 0.12 * streak;
        let glow = mix(1.15, 0.7, smoothstep(0.0, 0.75, p.length()));
        let bevel = smoothstep(0.16, 0.06, cell.border);
        let lit = cell.offset.dot(Vec2::new(-0.6, -0.8)) * bevel * 0.5;
        let pane = self.palette.at(tone) * (glow + 0.1 * streak + lit);
        let lead = smoothstep(0.05 + 0.7 * pixel, 0.05 - 0.7 * pixel, cell.border);
        let ridge = 0.1 + 0.22 * smoothstep(0.05, 0.0, cell.border);
        pane.mix(Colour([ridge, ridge, ridge * 1.1]), lead)
    }
}
