//! What each step trains on.

use clips::{Extent, Scene};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::augment::Region;
use super::cache::CachedClip;
use crate::config::{ClipWeight, DataConfig};
use crate::noise::stream_seed;

/// Stream of the draws, apart from the posterior's noise.
const DRAWS: u64 = 0x64617461;

/// One window to train on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Draw {
    /// Every `stride`-th frame of a clip from `start`, a square region of it, perhaps mirrored.
    Window {
        clip: usize,
        start: usize,
        stride: usize,
        region: Region,
        flip: bool,
    },
    /// A synthetic scene.
    Scene { kind: Scene, seed: u64 },
}

/// A clip that windows are drawn from.
pub(crate) struct Source {
    pub(crate) extent: Extent,
    pub(crate) weight: f64,
}

/// Draws windows: a pure function of the seed, the step and the place in the batch, so that a
/// continued run sees exactly what an uninterrupted one would.
pub(crate) struct Sampler {
    seed: u64,
    frames: usize,
    size: usize,
    max_stride: usize,
    scenes: f64,
    rules: Vec<ClipWeight>,
    clips: Vec<Extent>,
    /// Running sums of the clips' weights.
    sums: Vec<f64>,
}

impl Sampler {
    pub(crate) fn new(seed: u64, data: &DataConfig) -> Self {
        Self {
            seed,
            frames: data.frames,
            size: data.size,
            max_stride: data.max_stride,
            scenes: data.scenes,
            rules: data.clip_weights.clone(),
            clips: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// The weight of each clip of a folder; together they weigh what the folder does.
    pub(crate) fn clip_weights(&self, clips: &[CachedClip], folder: f64) -> Vec<f64> {
        let own: Vec<f64> = clips.iter().map(|clip| self.rule(&clip.name)).collect();
        let sum: f64 = own.iter().sum();
        own.into_iter()
            .map(|w| if sum > 0.0 { folder * w / sum } else { 0.0 })
            .collect()
    }

    fn rule(&self, name: &str) -> f64 {
        let matching = self
            .rules
            .iter()
            .find(|rule| name.starts_with(&rule.prefix));
        matching.map_or(1.0, |rule| rule.weight)
    }

    /// The clips to draw from; each must be as long and large as a window.
    pub(crate) fn set_clips(&mut self, sources: impl Iterator<Item = Source>) {
        let mut sum = 0.0;
        for source in sources {
            sum += source.weight;
            self.clips.push(source.extent);
            self.sums.push(sum);
        }
    }

    fn clip_weight(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    pub(crate) fn has_sources(&self) -> bool {
        self.scenes + self.clip_weight() > 0.0
    }

    /// Share of windows that are synthetic scenes.
    pub(crate) fn scene_share(&self) -> f64 {
        self.scenes / (self.scenes + self.clip_weight())
    }

    /// The window for one place in the batch of a step.
    pub(crate) fn draw(&self, step: u64, slot: usize) -> Draw {
        let seed = stream_seed(&[DRAWS, self.seed, step, slot as u64]);
        let mut rng = SmallRng::seed_from_u64(seed);
        let ticket = rng.random::<f64>() * (self.scenes + self.clip_weight());
        if ticket < self.clip_weight() {
            let clip = self.sums.partition_point(|&sum| sum <= ticket);
            self.draw_window(clip, &mut rng)
        } else {
            let kinds = Scene::all();
            Draw::Scene {
                kind: kinds[rng.random_range(0..kinds.len())],
                seed: rng.random(),
            }
        }
    }

    fn draw_window(&self, clip: usize, rng: &mut SmallRng) -> Draw {
        let extent = self.clips[clip];
        let gaps = self.frames - 1;
        let longest = (extent.frames - 1).checked_div(gaps).unwrap_or(1);
        let stride = rng.random_range(1..=self.max_stride.min(longest));
        let start = rng.random_range(0..extent.frames - gaps * stride);
        // A region larger than the window is scaled down to it.
        let side = rng.random_range(self.size..=extent.height.min(extent.width));
        let region = Region {
            left: rng.random_range(0..=extent.width - side),
            top: rng.random_range(0..=extent.height - side),
            side,
        };
        Draw::Window {
            clip,
            start,
            stride,
            region,
            flip: rng.random(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn sampler(seed: u64, scenes: f64) -> Sampler {
        let mut data = Config::preset("tiny").unwrap().data;
        data.scenes = scenes;
        let mut sampler = Sampler::new(seed, &data);
        let extent = |frames, height, width| Extent {
            frames,
            height,
            width,
        };
        let sources = [
            Source {
                extent: extent(32, 32, 32),
                weight: 0.25,
            },
            Source {
                extent: extent(100, 90, 160),
                weight: 0.75,
            },
        ];
        sampler.set_clips(sources.into_iter());
        sampler
    }

    #[test]
    fn draws_depend_on_seed_step_and_slot_alone() {
        let draws = |seed| {
            let sampler = sampler(seed, 0.5);
            (0..50)
                .map(move |step| sampler.draw(step, 0))
                .collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let one = sampler(1, 0.5);
        assert_eq!(
            one.draw(49, 0),
            draws(1)[49],
            "no matter what was drawn before"
        );
        assert_ne!(one.draw(7, 0), one.draw(7, 1));
    }

    #[test]
    fn windows_lie_inside_their_clips() {
        let sampler = sampler(3, 0.0);
        for step in 0..500 {
            let Draw::Window {
                clip,
                start,
                stride,
                region,
                ..
            } = sampler.draw(step, 0)
            else {
                panic!("scenes have no weight");
            };
            let extent = sampler.clips[clip];
            assert!(start + 31 * stride < extent.frames);
            assert!(region.side >= 32);
            assert!(region.left + region.side <= extent.width);
            assert!(region.top + region.side <= extent.height);
        }
    }

    #[test]
    fn weights_are_shares() {
        let sampler = sampler(5, 1.0);
        let mut counts = [0_i32; 3];
        for step in 0..4000 {
            match sampler.draw(step, 0) {
                Draw::Window { clip, .. } => counts[clip] += 1,
                Draw::Scene { .. } => counts[2] += 1,
            }
        }
        for (count, expected) in counts.into_iter().zip([500, 1500, 2000]) {
            assert!((count - expected).abs() < 150, "{counts:?}");
        }
    }
}
