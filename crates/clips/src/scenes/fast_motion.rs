//! Textured balls flying about, with motion blur.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, coverage, sin_turns, smoothstep};
use super::noise::{Dice, Noise};

const BALLS: usize = 7;
/// Moments within the shutter time over which a ball is smeared.
const SMEAR: usize = 5;
/// Share of a frame's time for which the shutter is open.
const SHUTTER: f32 = 0.5;
/// The balls bounce off the sides of this box.
const ROOM: Vec2 = Vec2::new(0.62, 0.5);

struct Ball {
    radius: f32,
    start: Vec2,
    velocity: Vec2,
    /// Turns a frame about an axis in the picture plane.
    spin: f32,
    axis: Vec2,
    pattern: u64,
    palette: Palette,
    skin: Noise,
}

/// A ball during one frame.
struct Flight {
    middles: [Vec2; SMEAR],
    turn: Vec2,
}

pub(crate) struct FastMotion {
    wall: Palette,
    plaster: Noise,
    lean: Vec2,
    balls: Vec<Ball>,
    flights: Vec<Flight>,
}

impl FastMotion {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let wall = Palette::pick(dice);
        let (plaster, lean) = (dice.noise(), Vec2::at_angle(dice.between(0.05, 0.2)));
        // From far to near: later balls lie in front.
        let balls = (0..BALLS)
            .map(|index| Ball::new(dice, 0.08 + 0.014 * index as f32))
            .collect();
        Self {
            wall,
            plaster,
            lean,
            balls,
            flights: Vec::new(),
        }
    }

    fn backdrop(&self, p: Vec2, pixel: f32) -> Colour {
        let band = p.dot(self.lean) * 3.5;
        let stripe = (band - (band + 0.5).floor()).abs() - 0.25;
        let stripe = coverage(stripe, pixel * 3.5);
        let plaster = self.plaster.rough(p * 9.0, pixel * 9.0, 5, 0.65);
        let base = self
            .wall
            .at(0.68 - 0.2 * p.y)
            .mix(self.wall.at(0.5 - 0.2 * p.y), stripe);
        base * (1.0 + 0.14 * plaster)
    }
}

impl Shader for FastMotion {
    fn advance(&mut self, time: f32) {
        self.flights = self.balls.iter().map(|ball| ball.flight(time)).collect();
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let mut colour = self.backdrop(p, pixel);
        for (ball, flight) in self.balls.iter().zip(&self.flights) {
            let middle = flight.middles[SMEAR / 2];
            let shadow = (p - middle - Vec2::new(0.03, 0.05)).length() / ball.radius;
            if shadow < 1.5 {
                colour = colour * (1.0 - 0.45 * smoothstep(1.5, 0.6, shadow));
            }
            let cover = ball.cover(flight, p, pixel);
            if cover > 0.0 {
                colour = colour.mix(ball.colour(p - middle, flight.turn, pixel), cover);
            }
        }
        colour
    }
}

impl Ball {
    fn new(dice: &mut Dice, radius: f32) -> Self {
        let speed = dice.between(0.025, 0.055);
        Self {
            radius,
            start: Vec2::new(dice.between(-1.0, 1.0), dice.between(-1.0, 1.0)),
            velocity: Vec2::at_angle(dice.unit()) * speed,
            spin: dice.sign() * dice.between(0.01, 0.03),
            axis: Vec2::at_angle(dice.unit()),
            pattern: dice.next() % 3,
            palette: Palette::pick(dice),
            skin: dice.noise(),
        }
    }

    fn flight(&self, time: f32) -> Flight {
        let moment = |step: usize| time + SHUTTER * (step as f32 / (SMEAR - 1) as f32 - 0.5);
        let middles = std::array::from_fn(|step| {
            let free = self.start + self.velocity * moment(step);
            let room = ROOM - Vec2::new(self.radius, self.radius) * 0.6;
            Vec2::new(bounce(free.x, room.x), bounce(free.y, room.y))
        });
        Flight {
            middles,
            turn: Vec2::at_angle(self.spin * time),
        }
    }

    /// Share of the shutter time and of the pixel for which the ball is seen.
    fn cover(&self, flight: &Flight, p: Vec2, pixel: f32) -> f32 {
        let inside = flight
            .middles
            .map(|middle| coverage((p - middle).length() - self.radius, pixel.max(0.004)));
        inside.iter().sum::<f32>() / SMEAR as f32
    }

    /// The surface at `offset` from the middle, the ball having turned by `turn`.
    fn colour(&self, offset: Vec2, turn: Vec2, pixel: f32) -> Colour {
        let flat = offset * (1.0 / self.radius);
        let flat = flat * (1.0 / flat.length().max(1.0));
        let depth = (1.0 - flat.dot(flat)).max(0.0).sqrt();
        let own = flat.turned(self.axis);
        let rolled = Vec2::new(own.x, depth).turned(turn);
        let pixel = pixel / self.radius;
        // Which side of a seam: -1 or 1, with a soft pixel in between.
        let side = |distance: f32| (distance * 1.5 / pixel).clamp(-1.0, 1.0);
        let paint = match self.pattern {
            0 => coverage(sin_turns(own.y * 1.5 + 0.1), pixel * 9.0),
            1 => 0.5 + 0.5 * side(rolled.x) * side(rolled.y) * side(own.y),
            _ => smoothstep(
                -0.1,
                0.1,
                self.skin.fbm(Vec2::new(rolled.x, own.y) * 2.5, pixel, 3),
            ),
        };
        let grain = self
            .skin
            .fbm(Vec2::new(rolled.x, own.y) * 5.0, pixel * 5.0, 3);
        let base = self
            .palette
            .at(0.42 + 0.1 * grain)
            .mix(self.palette.at(0.86 + 0.1 * grain), paint);
        let light = 0.35 + 0.75 * (depth * 0.75 - flat.x * 0.42 - flat.y * 0.5).max(0.0);
        let shine = smoothstep(0.30, 0.05, (flat - Vec2::new(-0.38, -0.45)).length());
        (base * light).mix(Colour::WHITE, 0.55 * shine)
    }
}

/// A coordinate moving back and forth between `-reach` and `reach`.
fn bounce(free: f32, reach: f32) -> f32 {
    let phase = free / (4.0 * reach);
    let phase = phase - phase.floor();
    reach * (4.0 * (phase - 0.5).abs() - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balls_stay_in_the_room() {
        for step in -500..500 {
            let (here, next) = (
                bounce(step as f32 * 0.03, 0.4),
                bounce((step + 1) as f32 * 0.03, 0.4),
            );
            assert!(here.abs() <= 0.4001 && (next - here).abs() < 0.0301);
        }
    }
}
