//! Fallen leaves of all sizes hiding one another, near ones moving faster.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, coverage, mix, smoothstep};
use super::noise::{Dice, Noise};

const LEAVES: usize = 900;
/// The leaves move on a torus of this half size, wide enough for nobody to see one jump.
const REACH: f32 = 2.0;
/// Squares a side of the grid that finds the leaves near a point.
const GRID: usize = 40;
/// How far, and how softly, a leaf's shadow falls, as a share of its length.
const SHADOW: Vec2 = Vec2::new(0.06, 0.1);

struct Leaf {
    /// Half its length.
    size: f32,
    /// Half its width over half its length.
    slim: f32,
    start: Vec2,
    velocity: Vec2,
    angle: f32,
    spin: f32,
    colour: f32,
    skin: Noise,
}

/// Where a leaf is in one frame.
#[derive(Clone, Copy)]
struct Pose {
    middle: Vec2,
    turn: Vec2,
}

pub(crate) struct DeadLeaves {
    palette: Palette,
    soil: Noise,
    /// Near ones first.
    leaves: Vec<Leaf>,
    poses: Vec<Pose>,
    grid: Vec<Vec<u16>>,
}

impl DeadLeaves {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let palette = Palette::pick(dice);
        let wind = Vec2::at_angle(dice.unit()) * dice.between(0.004, 0.009);
        let soil = dice.noise();
        let leaves = (0..LEAVES)
            .map(|index| Leaf::new(dice, index, wind))
            .collect();
        Self {
            palette,
            soil,
            leaves,
            poses: Vec::new(),
            grid: Vec::new(),
        }
    }

    /// The leaf's colour at `own`, in its own frame, length along x from -1 to 1.
    fn blade(&self, leaf: &Leaf, own: Vec2, edge: f32, pixel: f32) -> Colour {
        let pixel = pixel / leaf.size;
        let blotch = leaf.skin.fbm(own * 2.2, pixel * 2.2, 4);
        let base = self.palette.at(leaf.colour + 0.16 * blotch + 0.12 * own.x);
        let rib = coverage(own.y.abs() - 0.018 * (1.3 - own.x), pixel);
        let side = own.x * 4.5 - own.y.abs() * 4.0;
        let side = ((side - (side + 0.5).floor()).abs() - 0.04) / 5.0;
        let veins = coverage(side, pixel) * 0.5 * smoothstep(0.5, 0.15, pixel * 5.0);
        let curl = 1.0 + 0.25 * own.y.signum() * smoothstep(0.0, 0.25, own.y.abs());
        let rim = mix(0.8, 1.0, smoothstep(0.0, 0.12, -edge));
        (base * (curl * rim)).mix(
            self.palette.at(leaf.colour + 0.3),
            (rib + veins).min(1.0) * 0.6,
        )
    }
}

impl Shader for DeadLeaves {
    fn advance(&mut self, time: f32) {
        self.poses = self.leaves.iter().map(|leaf| leaf.pose(time)).collect();
        self.grid = vec![Vec::new(); GRID * GRID];
        for (index, (leaf, pose)) in self.leaves.iter().zip(&self.poses).enumerate() {
            let reach = leaf.size * 1.25;
            for row in square(pose.middle.y - reach)..=square(pose.middle.y + reach) {
                for column in square(pose.middle.x - reach)..=square(pose.middle.x + reach) {
                    self.grid[row * GRID + column].push(index as u16);
                }
            }
        }
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let (mut seen, mut left, mut light) = (Colour::BLACK, 1.0, 1.0);
        for &index in &self.grid[square(p.y) * GRID + square(p.x)] {
            let (leaf, pose) = (&self.leaves[index as usize], self.poses[index as usize]);
            let own = leaf.own(pose, p);
            let edge = leaf.edge(own);
            let cover = coverage(edge * leaf.size, pixel);
            if cover > 0.0 {
                let share = left * cover;
                seen = seen + self.blade(leaf, own, edge, pixel) * (share * light);
                left -= share;
                if left < 0.01 {
                    return seen;
                }
            }
            let cast = leaf.edge(leaf.own(pose, p - SHADOW * leaf.size));
            light *= mix(0.5, 1.0, smoothstep(-0.05, 0.14, cast));
        }
        let soil = self.soil.rough(p * 12.0, pixel * 12.0, 4, 0.7);
        seen + self.palette.at(0.1 + 0.1 * soil) * (left * light)
    }
}

impl Leaf {
    fn new(dice: &mut Dice, index: usize, wind: Vec2) -> Self {
        // Sizes follow a power law, as those of things in photographs do.
        let size = 0.08 / (1.0 - 0.95 * dice.unit()).sqrt();
        let nearness = 1.0 - index as f32 / LEAVES as f32;
        Self {
            size,
            slim: dice.between(0.35, 0.75),
            start: Vec2::new(dice.between(-REACH, REACH), dice.between(-REACH, REACH)),
            velocity: wind * (0.15 + nearness * nearness),
            angle: dice.unit(),
            spin: dice.between(-0.002, 0.002) * nearness,
            colour: dice.between(0.12, 0.88),
            skin: dice.noise(),
        }
    }

    fn pose(&self, time: f32) -> Pose {
        let moved = self.start + self.velocity * time;
        let turn = Vec2::at_angle(self.angle + self.spin * time);
        Pose {
            middle: Vec2::new(wrap(moved.x), wrap(moved.y)),
            turn,
        }
    }

    fn own(&self, pose: Pose, p: Vec2) -> Vec2 {
        (p - pose.middle).turned(pose.turn) * (1.0 / self.size)
    }

    /// Distance to the edge of the leaf, negative inside, for a leaf from -1 to 1: where two
    /// circles through both its tips overlap.
    fn edge(&self, own: Vec2) -> f32 {
        let radius = (1.0 + self.slim * self.slim) / (2.0 * self.slim);
        let lower = Vec2::new(own.x, own.y.abs() + radius - self.slim);
        lower.length() - radius
    }
}

/// Which row or column of the grid a coordinate falls in.
fn square(coordinate: f32) -> usize {
    let place = (coordinate + REACH) / (2.0 * REACH) * GRID as f32;
    place.clamp(0.0, (GRID - 1) as f32) as usize
}

fn wrap(coordinate: f32) -> f32 {
    let turns = (coordinate + REACH) / (2.0 * REACH);
    (turns - turns.floor()) * 2.0 * REACH - REACH
}
