//! The plane divided into irregular cells, the pattern of pebbles and of stained glass.

use super::math::Vec2;
use super::noise::Noise;

/// The cell that a point lies in.
pub(crate) struct Cell {
    /// The cell's own random number.
    pub(crate) id: u32,
    /// From the cell's middle to the point.
    pub(crate) offset: Vec2,
    /// Distance to the nearest neighbour cell.
    pub(crate) border: f32,
    /// The same with the cell's corners rounded off.
    pub(crate) rounded: f32,
}

impl Cell {
    /// One of the cell's own random numbers, in [0, 1).
    pub(crate) fn random(&self, which: u32) -> f32 {
        let mixed = (self.id ^ which.wrapping_mul(0x9E37_79B1)).wrapping_mul(0x2C1B_3C6D);
        ((mixed ^ (mixed >> 15)).wrapping_mul(0x297A_2D39) >> 8) as f32 / 16_777_216.0
    }
}

/// The Voronoi cell of `p`, cells being about one unit wide.
pub(crate) fn cell_at(noise: Noise, p: Vec2) -> Cell {
    let (x, y) = (p.x.floor(), p.y.floor());
    let inside = p - Vec2::new(x, y);
    let neighbours: [(u32, Vec2); 9] = std::array::from_fn(|index| {
        let (dx, dy) = (index as i32 % 3 - 1, index as i32 / 3 - 1);
        let id = noise.hash(x as i32 + dx, y as i32 + dy);
        let middle = Vec2::new(dx as f32, dy as f32) + jitter(id);
        (id, inside - middle)
    });
    let mut nearest = neighbours[0];
    for other in neighbours {
        if other.1.dot(other.1) < nearest.1.dot(nearest.1) {
            nearest = other;
        }
    }
    let (id, offset) = nearest;
    let (mut border, mut rounded) = (f32::MAX, 1.0);
    for (other, from_other) in neighbours {
        if other != id {
            let across = offset - from_other;
            let halfway = (offset + from_other) * -0.5;
            let distance = halfway.dot(across) / across.length();
            border = border.min(distance);
            rounded = round_min(rounded, distance, 0.22);
        }
    }
    Cell {
        id,
        offset,
        border,
        rounded,
    }
}

/// The smaller of two distances, blended where they differ by less than `blend`.
pub(crate) fn round_min(a: f32, b: f32, blend: f32) -> f32 {
    let near = (1.0 - (a - b).abs() / blend).max(0.0);
    a.min(b) - near * near * blend * 0.25
}

fn jitter(id: u32) -> Vec2 {
    let part = |bits: u32| (bits & 0xffff) as f32 / 65_536.0 * 0.8 + 0.1;
    Vec2::new(part(id), part(id >> 16))
}

#[cfg(test)]
mod tests {
    use super::super::noise::Dice;
    use super::*;

    #[test]
    fn the_border_is_where_the_cell_changes() {
        let noise = Dice::new(2).noise();
        let mut last = cell_at(noise, Vec2::new(0.0, 0.4));
        let mut changes = 0;
        for step in 1..4000 {
            let cell = cell_at(noise, Vec2::new(step as f32 * 0.005, 0.4));
            if cell.id != last.id {
                changes += 1;
                assert!(cell.border < 0.01 && last.border < 0.01, "{}", cell.border);
            }
            last = cell;
        }
        assert!((10..40).contains(&changes), "{changes}");
    }
}
