//! Synthetic scenes, rendered from a seed to the same bytes on every platform.
//!
//! Each scene is a function of place and time, so that it can be rendered at any size, crop and
//! scale; the seed chooses colours, shapes and speeds.

mod camera;
mod cells;
mod colour;
mod dead_leaves;
mod fast_motion;
mod flicker;
mod math;
mod moving_shadows;
mod noise;
mod printed_page;
mod sky;
mod slow_pan;
mod still_texture;
mod stones;
mod water;
mod zoom_rotation;

use serde::{Deserialize, Serialize};

use crate::clip::Clip;
use camera::{Camera, Shader};
use noise::Dice;

/// A synthetic scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scene {
    /// Veined stone that does not move at all.
    StillTexture,
    /// A camera gliding over pebbles.
    SlowPan,
    /// Textured balls flying about, with motion blur.
    FastMotion,
    /// Stained glass, turning and coming closer.
    ZoomRotation,
    /// A brick wall under a failing lamp, with film grain.
    Flicker,
    /// Clouds drifting over hills at dusk.
    Sky,
    /// Fallen leaves of all sizes hiding one another, near ones moving faster.
    DeadLeaves,
    /// Soft shadows and hard edges wandering over a tiled floor.
    MovingShadows,
    /// A printed page held by an unsteady hand.
    PrintedPage,
    /// Ripples over the bed of a pond.
    Water,
}

impl Scene {
    /// Every scene, in the order in which to offer them.
    pub const fn all() -> &'static [Self] {
        &[
            Self::StillTexture,
            Self::SlowPan,
            Self::FastMotion,
            Self::ZoomRotation,
            Self::Flicker,
            Self::Sky,
            Self::DeadLeaves,
            Self::MovingShadows,
            Self::PrintedPage,
            Self::Water,
        ]
    }

    /// A short name for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StillTexture => "Still texture",
            Self::SlowPan => "Slow pan",
            Self::FastMotion => "Fast motion",
            Self::ZoomRotation => "Zoom and rotation",
            Self::Flicker => "Flicker and grain",
            Self::Sky => "Drifting sky",
            Self::DeadLeaves => "Fallen leaves",
            Self::MovingShadows => "Moving shadows",
            Self::PrintedPage => "Shaky page",
            Self::Water => "Rippling water",
        }
    }

    /// One sentence: what moves, and how.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::StillTexture => "Veined stone that does not move at all.",
            Self::SlowPan => "A camera gliding over wet pebbles.",
            Self::FastMotion => "Textured balls flying about, with motion blur.",
            Self::ZoomRotation => "Stained glass, turning and coming closer.",
            Self::Flicker => "A brick wall under a failing lamp, with film grain.",
            Self::Sky => "Clouds drifting over hills at dusk.",
            Self::DeadLeaves => {
                "Fallen leaves of all sizes hiding one another, near ones moving faster."
            }
            Self::MovingShadows => "Soft shadows and hard edges wandering over a tiled floor.",
            Self::PrintedPage => "A printed page filmed by an unsteady hand.",
            Self::Water => "Ripples and glints over the bed of a pond.",
        }
    }

    /// The scene as a sample or test clip of `frames` frames; the same arguments give the same
    /// bytes everywhere. Sides of zero count as one.
    pub fn render(self, seed: u64, width: usize, height: usize, frames: usize) -> Clip {
        self.film(seed, &Camera::default(), width, height, frames)
    }

    /// Frame `index` of [`render`](Self::render), as a clip of one frame: for a caller that must
    /// not be busy for as long as a whole clip takes.
    pub fn render_frame(self, seed: u64, width: usize, height: usize, index: usize) -> Clip {
        self.film(seed, &Camera::starting_at(index), width, height, 1)
    }

    /// The scene at a crop, scale, orientation, starting moment and speed that `seed` chooses:
    /// training material of the same family that is never twice the same.
    pub fn render_varied(self, seed: u64, width: usize, height: usize, frames: usize) -> Clip {
        self.film(seed, &Camera::random(seed), width, height, frames)
    }

    fn film(self, seed: u64, camera: &Camera, width: usize, height: usize, frames: usize) -> Clip {
        // Each scene has colours of its own for one seed.
        let mut dice = Dice::new(seed.wrapping_add((self as u64) << 32));
        let mut shader = self.shader(&mut dice);
        camera.film(shader.as_mut(), width, height, frames)
    }

    fn shader(self, dice: &mut Dice) -> Box<dyn Shader> {
        match self {
            Self::StillTexture => Box::new(still_texture::StillTexture::new(dice)),
            Self::SlowPan => Box::new(slow_pan::SlowPan::new(dice)),
            Self::FastMotion => Box::new(fast_motion::FastMotion::new(dice)),
            Self::ZoomRotation => Box::new(zoom_rotation::ZoomRotation::new(dice)),
            Self::Flicker => Box::new(flicker::Flicker::new(dice)),
            Self::Sky => Box::new(sky::Sky::new(dice)),
            Self::DeadLeaves => Box::new(dead_leaves::DeadLeaves::new(dice)),
            Self::MovingShadows => Box::new(moving_shadows::MovingShadows::new(dice)),
            Self::PrintedPage => Box::new(printed_page::PrintedPage::new(dice)),
            Self::Water => Box::new(water::Water::new(dice)),
        }
    }
}
