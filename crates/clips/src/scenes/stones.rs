//! A bed of pebbles, large ones lying on small ones.

use super::cells::{Cell, cell_at, round_min};
use super::colour::{Colour, Palette};
use super::math::{Vec2, smoothstep};
use super::noise::{Dice, Noise};

/// A bed of pebbles covering the plane.
pub(crate) struct Stones {
    palette: Palette,
    large: Noise,
    small: Noise,
    vein: Noise,
    light: Vec2,
}

/// How large, and how rare, the pebbles of a layer are.
struct Layer {
    field: Noise,
    /// Cells in one frame height.
    density: f32,
    /// Share of cells that hold a pebble.
    filled: f32,
}

impl Stones {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            palette: Palette::pick(dice),
            large: dice.noise(),
            small: dice.noise(),
            vein: dice.noise(),
            light: Vec2::at_angle(dice.between(0.6, 0.9)),
        }
    }

    pub(crate) fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let large = Layer {
            field: self.large,
            density: 4.0,
            filled: 0.5,
        };
        let small = Layer {
            field: self.small,
            density: 13.0,
            filled: 1.0,
        };
        let (top, cover, shadow) = self.layer(&large, p, pixel);
        if cover >= 1.0 {
            return top;
        }
        let (bottom, bottom_cover, gap) = self.layer(&small, p, pixel);
        let sand = self.palette.at(0.16 + 0.08 * self.vein.at(p * 40.0)) * (0.5 * gap);
        (sand.mix(bottom, bottom_cover) * shadow).mix(top, cover)
    }

    /// Colour of the layer's pebble at `p`, how much of the pixel it covers, and how much light it
    /// leaves for what lies below.
    fn layer(&self, layer: &Layer, p: Vec2, pixel: f32) -> (Colour, f32, f32) {
        let cell = cell_at(layer.field, p * layer.density);
        if cell.random(0) >= layer.filled {
            return (Colour::BLACK, 0.0, smoothstep(-0.25, 0.3, cell.border));
        }
        let pixel = pixel * layer.density;
        // Corners rounded: a pebble is its cell cut by a circle.
        let size = 0.46 + 0.2 * cell.random(1);
        let inside = round_min(cell.rounded - 0.01, size - cell.offset.length(), 0.2);
        let cover = smoothstep(-0.7 * pixel, 0.7 * pixel, inside);
        let below = smoothstep(0.3, -0.05, inside + 0.22) * 0.6 + 0.4;
        (self.pebble(&cell, inside, pixel), cover, below)
    }

    fn pebble(&self, cell: &Cell, inside: f32, pixel: f32) -> Colour {
        let field = self.vein.layer(cell.id as i32);
        let across = cell.offset.turned(Vec2::at_angle(cell.random(2)));
        let stretched = Vec2::new(across.x * 1.5, across.y * 5.0);
        let grain = field.rough(stretched * 1.4, pixel * 5.0, 4, 0.65);
        let base = self.palette.at(0.2 + 0.65 * cell.random(3) + 0.2 * grain);
        // A dome: steep at the rim, flat on top, lit from one side.
        let rim = 1.0 - smoothstep(0.0, 0.3, inside);
        let facing = cell.offset.dot(self.light) * 1.7 * (0.25 + rim);
        let shine = smoothstep(0.42, 0.62, facing + 0.35 * (1.0 - rim)) * 0.35;
        (base * (0.8 + 0.55 * facing - 0.35 * rim)).mix(Colour::WHITE, shine)
    }
}
