//! A printed page filmed by an unsteady hand.

use super::camera::Shader;
use super::colour::{Colour, Palette};
use super::math::{Vec2, coverage, mix, sin_turns, smoothstep};
use super::noise::{Dice, Noise};

/// Height of a line of text.
const LINE: f32 = 0.075;
/// Width of a letter with its gap, in line heights.
const ADVANCE: f32 = 0.42;
/// Lines in a block; its first line is a heading, its last is empty.
const BLOCK: i32 = 9;
/// Half the text's width.
const MARGIN: f32 = 0.72;

pub(crate) struct PrintedPage {
    palette: Palette,
    ink: Colour,
    letters: Noise,
    fibre: Noise,
    hand: Noise,
    picture: Noise,
    tilt: f32,
    shift: Vec2,
    turn: Vec2,
}

impl PrintedPage {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let palette = Palette::pick(dice);
        Self {
            palette,
            ink: palette.at(0.0) * 0.8,
            letters: dice.noise(),
            fibre: dice.noise(),
            hand: dice.noise(),
            picture: dice.noise(),
            tilt: dice.between(-0.02, 0.02),
            shift: Vec2::new(0.0, 0.0),
            turn: Vec2::new(1.0, 0.0),
        }
    }

    /// How much of the pixel is inked by text, on a page of lines and words.
    fn text(&self, page: Vec2, pixel: f32) -> f32 {
        let line = (page.y / LINE).floor() as i32;
        let of_block = line.rem_euclid(BLOCK);
        if of_block == BLOCK - 1 || page.x.abs() > MARGIN {
            return 0.0;
        }
        let size = if of_block == 0 {
            LINE * 0.95
        } else {
            LINE * 0.62
        };
        let column = ((page.x + MARGIN) / (size * ADVANCE)).floor();
        // A word ends where its letter is a gap; the line ends before the margin.
        let gap = self.letters.cell(column as i32, line * 2 + 1) < 0.17;
        let end = MARGIN * (2.0 - 0.5 * self.letters.cell(line, 77)) - 0.05;
        if gap || column * size * ADVANCE > end {
            return 0.0;
        }
        let baseline = (line as f32 + 0.8) * LINE;
        let own = Vec2::new(
            (page.x + MARGIN) / size - (column + 0.5) * ADVANCE,
            (baseline - page.y) / size,
        );
        let weight = if of_block == 0 { 0.062 } else { 0.042 };
        let letter = self.letters.hash(column as i32, line * 2);
        coverage(strokes(letter, own) - weight, pixel / size)
    }

    /// A map set into the page, with its share of the pixel.
    fn picture(&self, page: Vec2, pixel: f32) -> (Colour, f32) {
        let block = LINE * BLOCK as f32;
        let own = page - Vec2::new(0.42, (page.y / block).floor() * block + block * 0.5);
        let cover = coverage((own.x.abs() - 0.2).max(own.y.abs() - 0.2), pixel);
        // Flat tones between contour lines.
        let height = 4.0 + 4.5 * self.picture.fbm(page * 4.0, pixel * 4.0, 4);
        let level = height.floor();
        let line = smoothstep(0.12, 0.04, (height - level).min(level + 1.0 - height));
        let tone = self.palette.at(0.12 + level / 8.0);
        (tone.mix(self.ink, 0.6 * line), cover)
    }
}

impl Shader for PrintedPage {
    fn advance(&mut self, time: f32) {
        // Breathing, then the tremor of a hand.
        let wobble = |lane: f32, period: f32| self.hand.at(Vec2::new(time / period, lane * 5.5));
        let slow = Vec2::new(wobble(0.0, 14.0), wobble(1.0, 14.0)) * 0.07;
        let quick = Vec2::new(wobble(2.0, 2.3), wobble(3.0, 2.3)) * 0.012;
        self.shift = slow + quick;
        self.turn = Vec2::at_angle(self.tilt + 0.006 * wobble(4.0, 9.0));
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let page = (p + self.shift).turned(self.turn);
        let fibre = self.fibre.rough(
            Vec2::new(page.x * 14.0, page.y * 22.0),
            pixel * 18.0,
            4,
            0.7,
        );
        let curl = 0.9 + 0.1 * sin_turns(0.55 * page.x + 0.2) - 0.06 * page.y;
        let paper = Colour::hex(0xf6efe0).mix(self.palette.at(0.9), 0.3) * (curl + 0.025 * fibre);
        let (picture, framed) = self.picture(page, pixel);
        let inked = self.text(page, pixel) * (0.92 + 0.08 * fibre);
        let printed = paper.mix(self.ink, inked).mix(picture * curl, framed);
        // The hand's own soft shadow.
        let shade = smoothstep(0.75, 0.2, (p - Vec2::new(0.65, 0.5)).length());
        printed * mix(1.0, 0.72, shade)
    }
}

/// Distance from `own` to the strokes of an invented letter, baseline at y = 0, in letter heights:
/// each bit of the letter's number says whether one of its strokes is there.
fn strokes(letter: u32, own: Vec2) -> f32 {
    const LEFT: f32 = -0.13;
    const RIGHT: f32 = 0.13;
    let tall = if letter & 0x300 == 0 { 0.72 } else { 0.46 };
    let point = Vec2::new;
    let bar = |bit: u32, from: Vec2, to: Vec2| {
        if letter >> bit & 1 == 1 {
            segment(own, from, to)
        } else {
            f32::MAX
        }
    };
    let bowl = if letter & 0x3000 == 0 {
        ((own - point(0.0, 0.2)).length() - 0.15).abs()
    } else {
        segment(own, point(LEFT, 0.02), point(LEFT, tall))
    };
    bowl.min(bar(0, point(RIGHT, 0.02), point(RIGHT, 0.42)))
        .min(bar(1, point(LEFT, 0.44), point(RIGHT, 0.44)))
        .min(bar(2, point(LEFT, 0.02), point(RIGHT, 0.02)))
        .min(bar(3, point(LEFT, 0.24), point(RIGHT, 0.24)))
        .min(if letter & 0x70000 == 0 {
            segment(own, point(LEFT, 0.02), point(RIGHT, 0.44))
        } else {
            f32::MAX
        })
}

fn segment(p: Vec2, from: Vec2, to: Vec2) -> f32 {
    let (along, away) = (to - from, p - from);
    let t = (away.dot(along) / along.dot(along)).clamp(0.0, 1.0);
    (away - along * t).length()
}
