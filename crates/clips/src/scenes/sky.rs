//! Clouds drifting over hills at dusk.

use super::camera::Shader;
use super::colour::Colour;
use super::math::{Vec2, smoothstep};
use super::noise::{Dice, Noise};

/// Where the hills begin.
const HORIZON: f32 = 0.3;

/// A time of day: zenith, middle and horizon, and the light on the clouds.
#[derive(Clone, Copy)]
struct Hour([u32; 4]);

const HOURS: [Hour; 5] = [
    Hour([0x1d2b53, 0x8a4f7d, 0xffb26b, 0xffe0b8]),
    Hour([0x2f6fb3, 0x7fb8e6, 0xe3f1f7, 0xffffff]),
    Hour([0x3a1c4a, 0xb5406a, 0xff8f5a, 0xffc9a3]),
    Hour([0x0f2f4f, 0x3d7c93, 0xf3d8a2, 0xfff4dc]),
    Hour([0x4a5a8a, 0xb79fc4, 0xfbd3c6, 0xfff0ea]),
];

pub(crate) struct Sky {
    zenith: Colour,
    middle: Colour,
    horizon: Colour,
    light: Colour,
    sun: Vec2,
    clouds: Noise,
    hills: Noise,
    wind: f32,
    drift: f32,
    churn: f32,
}

impl Sky {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let Hour(hour) = HOURS[(dice.next() % HOURS.len() as u64) as usize];
        let [zenith, middle, horizon, light] = hour.map(Colour::hex);
        Self {
            zenith,
            middle,
            horizon,
            light,
            sun: Vec2::new(dice.between(-0.4, 0.4), dice.between(0.05, 0.22)),
            clouds: dice.noise(),
            hills: dice.noise(),
            wind: dice.sign() * dice.between(0.004, 0.008),
            drift: 0.0,
            churn: 0.0,
        }
    }

    fn air(&self, p: Vec2) -> Colour {
        let down = smoothstep(-0.65, HORIZON, p.y);
        let low = smoothstep(0.45, 1.0, down);
        let sky = self.zenith.mix(self.middle, down).mix(self.horizon, low);
        let away = (p - self.sun).length();
        let glow = 0.5 / (1.0 + 18.0 * away * away);
        sky.mix(self.light, glow)
            .mix(Colour::WHITE, smoothstep(0.055, 0.045, away))
    }

    /// Cover by clouds, 0 to 1, before thresholding, at a place of the cloud layer.
    fn density(&self, place: Vec2, pixel: f32, octaves: u32) -> f32 {
        let swell = self
            .clouds
            .layer(3)
            .at(place * 0.9 + Vec2::new(self.churn, 0.0));
        self.clouds
            .rough(place + Vec2::new(0.0, 0.25 * swell), pixel, octaves, 0.55)
            + 0.3 * swell
    }

    /// The sky with its clouds at `p`.
    fn heaven(&self, p: Vec2, pixel: f32) -> Colour {
        let air = self.air(p);
        // The layer is a ceiling: the lower in the picture, the farther and flatter.
        let far = 0.5 / (HORIZON + 0.17 - p.y.min(HORIZON)).max(0.05);
        let place = Vec2::new(p.x * far * 2.0 + self.drift, far * 3.0);
        let pixel = pixel * far * far * 6.0;
        let density = self.density(place, pixel, 5);
        let cover = smoothstep(-0.18, 0.4, density) * smoothstep(HORIZON, 0.05, p.y);
        if cover <= 0.0 {
            return air;
        }
        let towards_sun = Vec2::new((self.sun.x - p.x) * 0.3, 0.12);
        let shade = density - self.density(place + towards_sun, pixel * 2.0, 3);
        let dark = self.middle.mix(self.zenith, 0.35) * 0.85;
        let cloud = dark.mix(
            self.light,
            smoothstep(-0.35, 0.45, shade + 0.25 * (1.0 - cover)),
        );
        air.mix(cloud, cover * 0.92)
    }

    /// One range of hills, 0 the farthest, and how much of the pixel it covers.
    fn ridge(&self, ridge: i32, p: Vec2, pixel: f32) -> (Colour, f32) {
        let near = ridge as f32 / 2.0;
        // Far above the highest top there is nothing to work out.
        if p.y < HORIZON - 0.25 {
            return (Colour::BLACK, 0.0);
        }
        let field = self.hills.layer(ridge);
        let along = Vec2::new(p.x * (1.6 + near), near * 7.0);
        let top = HORIZON + 0.09 * near - 0.05 + 0.09 * field.fbm(along, pixel * 2.0, 6);
        let cover = smoothstep(-0.7 * pixel, 0.7 * pixel, p.y - top);
        if cover <= 0.0 {
            return (Colour::BLACK, 0.0);
        }
        let woods = (0.15 + 0.2 * near) * field.rough(p * 26.0, pixel * 26.0, 3, 0.7);
        let haze = self.middle.mix(self.zenith, 0.3 + 0.5 * near) * (0.9 - 0.4 * near);
        let mist = self.horizon.mix(haze, 0.4 + 0.45 * near);
        let depth = smoothstep(0.0, 0.25, p.y - top);
        (mist.mix(haze, depth) * (1.0 + woods), cover)
    }
}

impl Shader for Sky {
    fn advance(&mut self, time: f32) {
        self.drift = self.wind * time;
        self.churn = 0.006 * time;
    }

    fn colour(&self, p: Vec2, pixel: f32) -> Colour {
        let (mut seen, mut left) = (Colour::BLACK, 1.0);
        // From near to far, so that nothing hidden is worked out.
        for ridge in (0..3).rev() {
            let (land, cover) = self.ridge(ridge, p, pixel);
            seen = seen + land * (left * cover);
            left *= 1.0 - cover;
            if left <= 0.0 {
                return seen;
            }
        }
        seen + self.heaven(p, pixel) * left
    }
}
