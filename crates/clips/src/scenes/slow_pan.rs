//! A camera gliding over pebbles.

use super::camera::Shader;
use super::colour::Colour;
use super::math::Vec2;
use super::noise::Dice;
use super::stones::Stones;

pub(crate) struct SlowPan {
    stones: Stones,
    start: Vec2,
    velocity: Vec2,
    travelled: Vec2,
}

impl SlowPan {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let start = Vec2::new(dice.between(-50.0, 50.0), dice.between(-50.0, 50.0));
        let velocity = Vec2::at_angle(dice.unit()) * dice.between(0.004, 0.008);
        Self {
            stones: Stones::new(dice),
            start,
            velocity,
            travelled: start,
        }
    }
}

impl Shader for SlowPan {
    fn advance(&mut self, time: f32) {
        self.travelled = self.start + self.velocity * time;
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        self.stones.colour(p + self.travelled, pixel)
    }
}
