//! From a scene to a clip.

use super::colour::Colour;
use super::math::Vec2;
use super::noise::Dice;
use crate::clip::Clip;

/// A scene: what is where at what moment.
///
/// The plane is measured in frame heights, its origin in the middle of the frame, y downwards: a
/// default camera sees y from -0.5 to 0.5.
pub(crate) trait Shader {
    /// Called before the pixels of the frame at `time`, in frames from the start.
    fn advance(&mut self, time: f32);

    /// Whether anything moves at all; a still scene is rendered once.
    fn moves(&self) -> bool {
        true
    }

    /// The colour at `p`, averaged over about a pixel of size `pixel`.
    fn colour(&self, p: Vec2, pixel: f32) -> Colour;
}

/// What of the plane is filmed, and how fast.
pub(crate) struct Camera {
    centre: Vec2,
    /// Frame heights seen from top to bottom.
    height: f32,
    /// Signs of the two axes, for mirror images.
    mirror: Vec2,
    start: f32,
    speed: f32,
}

impl Default for Camera {
    fn default() -> Self {
        let (centre, mirror) = (Vec2::new(0.0, 0.0), Vec2::new(1.0, 1.0));
        Self {
            centre,
            height: 1.0,
            mirror,
            start: 0.0,
            speed: 1.0,
        }
    }
}

impl Camera {
    /// The default camera, switched on at a later frame.
    pub(crate) fn starting_at(frame: usize) -> Self {
        Self {
            start: frame as f32,
            ..Self::default()
        }
    }

    pub(crate) fn random(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0xCA3E_7A00);
        Self {
            centre: Vec2::new(dice.between(-0.3, 0.3), dice.between(-0.2, 0.2)),
            height: dice.between(0.35, 1.1),
            mirror: Vec2::new(dice.sign(), 1.0),
            start: dice.between(0.0, 60.0).floor(),
            speed: dice.between(0.5, 1.5),
        }
    }

    pub(crate) fn film(
        &self,
        shader: &mut dyn Shader,
        width: usize,
        height: usize,
        frames: usize,
    ) -> Clip {
        let (width, height) = (width.max(1), height.max(1));
        let mut data = Vec::with_capacity(width * height * 3 * frames);
        for frame in 0..frames {
            if frame == 0 || shader.moves() {
                shader.advance(self.start + frame as f32 * self.speed);
                self.shoot(shader, width, height, &mut data);
            } else {
                data.extend_from_within(..width * height * 3);
            }
        }
        Clip::from_frames(width, height, data)
    }

    fn shoot(&self, shader: &dyn Shader, width: usize, height: usize, data: &mut Vec<u8>) {
        let pixel = self.height / height as f32;
        let middle = Vec2::new(width as f32 / 2.0, height as f32 / 2.0);
        for y in 0..height {
            for x in 0..width {
                let seen = (Vec2::new(x as f32 + 0.5, y as f32 + 0.5) - middle) * pixel;
                let p = self.centre + Vec2::new(seen.x * self.mirror.x, seen.y * self.mirror.y);
                data.extend(shader.colour(p, pixel).bytes());
            }
        }
    }
}
