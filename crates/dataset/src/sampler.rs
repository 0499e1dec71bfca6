//! What each step trains on.

use std::ops::Range;

use clips::{Extent, Scene, stream_seed};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::augment::{Cut, Region};
use crate::cache::CachedClip;
use crate::config::{Crop, DataConfig, Windows};

/// Stream of the draws, apart from the posterior's noise.
const DRAWS: u64 = 0x64617461;

/// One window to train on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Draw {
    /// Some frames of a clip, a square of each, perhaps mirrored.
    Window {
        clip: usize,
        frames: Vec<usize>,
        cut: Cut,
        flip: bool,
    },
    /// A synthetic scene.
    Scene { kind: Scene, seed: u64 },
}

/// A clip that windows are drawn from.
pub(crate) struct Source {
    pub(crate) extent: Extent,
    pub(crate) shots: Vec<Range<usize>>,
    pub(crate) weight: f64,
}

/// Draws windows: a pure function of the seed, the step and the place in the batch, so that a
/// continued run sees exactly what an uninterrupted one would.
pub(crate) struct Sampler {
    seed: u64,
    data: DataConfig,
    clips: Vec<Source>,
    /// Running sums of the clips' weights.
    sums: Vec<f64>,
}

impl Sampler {
    pub(crate) fn new(seed: u64, data: &DataConfig) -> Self {
        Self {
            seed,
            data: data.clone(),
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
            .data
            .clip_weights
            .iter()
            .find(|rule| name.starts_with(&rule.prefix));
        matching.map_or(1.0, |rule| rule.weight)
    }

    /// The clips to draw from; each must be as large as a window, and have a shot as long as one.
    pub(crate) fn set_clips(&mut self, sources: impl Iterator<Item = Source>) {
        let mut sum = 0.0;
        for source in sources {
            sum += source.weight;
            self.clips.push(source);
            self.sums.push(sum);
        }
    }

    fn clip_weight(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    pub(crate) fn has_sources(&self) -> bool {
        self.data.scenes + self.clip_weight() > 0.0
    }

    /// Share of windows that are synthetic scenes.
    pub(crate) fn scene_share(&self) -> f64 {
        self.data.scenes / (self.data.scenes + self.clip_weight())
    }

    /// The window for one place in the batch of a step.
    pub(crate) fn draw(&self, step: u64, slot: usize) -> Draw {
        let seed = stream_seed(&[DRAWS, self.seed, step, slot as u64]);
        let mut rng = SmallRng::seed_from_u64(seed);
        let ticket = rng.random::<f64>() * (self.data.scenes + self.clip_weight());
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
        let Source { extent, shots, .. } = &self.clips[clip];
        let extent = *extent;
        let frames = match self.data.windows {
            Windows::Inside => self.inside(self.shot(shots, rng), rng),
            Windows::Reference => {
                let begin = reference_begin(extent.frames, self.span());
                let begin = rng.random_range(0..=begin);
                reference_frames(extent.frames, begin, self.span(), self.data.frames)
            }
        };
        let cut = self.cut(extent, rng);
        Draw::Window {
            clip,
            frames,
            cut,
            flip: rng.random::<bool>() && self.data.flip,
        }
    }

    /// A shot that is long enough, as often as windows can begin in it. Nothing is left to chance
    /// where there is one only, so that clips without cuts are drawn from as they always were.
    fn shot<'a>(&self, shots: &'a [Range<usize>], rng: &mut SmallRng) -> &'a Range<usize> {
        let begins = |shot: &Range<usize>| (shot.len() + 1).saturating_sub(self.data.frames);
        let long: Vec<&Range<usize>> = shots.iter().filter(|shot| begins(shot) > 0).collect();
        match long[..] {
            [only] => only,
            // What has no shot as long as a window is not among the clips.
            _ => long
                .choose_weighted(rng, |shot| begins(shot))
                .map_or(&shots[0], |shot| shot),
        }
    }

    /// Every n-th frame of a shot, n drawn as far as it is long enough.
    fn inside(&self, shot: &Range<usize>, rng: &mut SmallRng) -> Vec<usize> {
        let gaps = self.data.frames - 1;
        let longest = (shot.len() - 1).checked_div(gaps).unwrap_or(1);
        let most = self.data.max_stride.min(longest);
        let stride = rng.random_range(if self.data.vary_stride { 1 } else { most }..=most);
        let start = shot.start + rng.random_range(0..shot.len() - gaps * stride);
        (0..=gaps).map(|i| start + i * stride).collect()
    }

    /// A square larger than the window is scaled down to it.
    fn cut(&self, extent: Extent, rng: &mut SmallRng) -> Cut {
        let shorter = extent.height.min(extent.width);
        let side = match self.data.crop {
            Crop::Zoom => rng.random_range(self.data.size..=shorter),
            Crop::Window => self.data.size,
            Crop::Centre => return Cut::Middle,
        };
        Cut::Square(Region {
            left: rng.random_range(0..=extent.width - side),
            top: rng.random_range(0..=extent.height - side),
            side,
        })
    }

    /// Frames of a clip that a window of the reference stretches over.
    fn span(&self) -> usize {
        self.data.frames * self.data.max_stride
    }
}

/// The last frame at which the reference lets a window begin (spec/wfvae.md 11).
fn reference_begin(length: usize, span: usize) -> usize {
    (length - 1).saturating_sub(span)
}

/// The reference's frames: evenly spread, a little more than the stride apart; frames of clips
/// that are too short are repeated.
fn reference_frames(length: usize, begin: usize, span: usize, count: usize) -> Vec<usize> {
    let last = (begin + span).min(length) - 1;
    let step = (last - begin) as f64 / (count - 1).max(1) as f64;
    (0..count)
        .map(|i| (i as f64 * step + begin as f64) as usize)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::iter::once;

    use super::*;

    fn sampler(seed: u64, scenes: f64) -> Sampler {
        let data = DataConfig {
            max_stride: 2,
            scenes,
            ..DataConfig::of_windows(32, 32, 1)
        };
        let mut sampler = Sampler::new(seed, &data);
        let extent = |frames, height, width| Extent {
            frames,
            height,
            width,
        };
        let sources = [
            Source {
                extent: extent(32, 32, 32),
                shots: once(0..32).collect(),
                weight: 0.25,
            },
            Source {
                extent: extent(100, 90, 160),
                shots: once(0..100).collect(),
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
                frames,
                cut: Cut::Square(region),
                ..
            } = sampler.draw(step, 0)
            else {
                panic!("scenes have no weight, and nothing is cut from the middle");
            };
            let extent = sampler.clips[clip].extent;
            assert!(frames.len() == 32 && frames[31] < extent.frames);
            assert!(region.side >= 32);
            assert!(region.left + region.side <= extent.width);
            assert!(region.top + region.side <= extent.height);
        }
    }

    /// Windows of the longer clip under other options.
    fn windows(change: impl Fn(&mut DataConfig)) -> Vec<(Vec<usize>, Cut, bool)> {
        let mut sampler = sampler(7, 0.0);
        change(&mut sampler.data);
        let windows = (0..200).filter_map(|step| match sampler.draw(step, 0) {
            Draw::Window {
                clip: 1,
                frames,
                cut,
                flip,
            } => Some((frames, cut, flip)),
            _ => None,
        });
        windows.collect()
    }

    #[test]
    fn windows_do_not_run_on_across_a_cut() {
        let mut sampler = sampler(7, 0.0);
        let shots = vec![0..20, 20..53, 53..100];
        sampler.clips[1].shots = shots.clone();
        let mut counts = [0; 3];
        for step in 0..2000 {
            if let Draw::Window {
                clip: 1, frames, ..
            } = sampler.draw(step, 0)
            {
                let shot = shots
                    .iter()
                    .position(|shot| shot.contains(&frames[0]))
                    .unwrap();
                assert!(shots[shot].contains(&frames[31]), "{frames:?}");
                counts[shot] += 1;
            }
        }
        // Of three shots none, 2 and 16 windows of neighbouring frames are to be had.
        let share = f64::from(counts[1]) / f64::from(counts[1] + counts[2]);
        assert!(
            counts[0] == 0 && (share - 2.0 / 18.0).abs() < 0.03,
            "{counts:?}"
        );
    }

    #[test]
    fn options_choose_what_is_left_to_chance() {
        let windows = windows(|data| {
            data.flip = false;
            data.crop = Crop::Centre;
            data.vary_stride = false;
        });
        for (frames, cut, flip) in &windows {
            assert!(!flip && frames[1] - frames[0] == 2);
            assert_eq!(*cut, Cut::Middle);
        }
        assert!(windows.iter().any(|(frames, ..)| *frames != windows[0].0));
        let unscaled = self::windows(|data| data.crop = Crop::Window);
        let squares = unscaled.iter().map(|(_, cut, _)| match cut {
            Cut::Square(region) => *region,
            Cut::Middle => panic!("a window lies anywhere"),
        });
        let squares: Vec<Region> = squares.collect();
        assert!(squares.iter().all(|region| region.side == 32));
        assert!(squares.iter().any(|region| region.left != squares[0].left));
    }

    #[test]
    fn the_references_windows_are_spread_and_short_clips_repeated() {
        assert_eq!(reference_begin(60, 48), 11);
        let of_the_reference = [5, 8, 11, 14, 17, 20, 23, 26, 30, 33, 36, 39, 42, 45, 48, 52];
        assert_eq!(reference_frames(60, 5, 48, 16), of_the_reference);
        assert_eq!(reference_frames(100, 10, 8, 4), [10, 12, 14, 17]);
        assert_eq!(reference_begin(3, 8), 0);
        assert_eq!(reference_frames(3, 0, 8, 4), [0, 0, 1, 2]);
        assert_eq!(reference_frames(5, 2, 1, 1), [2]);
        let windows = windows(|data| data.windows = Windows::Reference);
        for (frames, ..) in windows {
            assert!(
                frames[31] - frames[0] == 63 && frames[31] < 100,
                "{frames:?}"
            );
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
