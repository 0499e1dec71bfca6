//! Training data: clips decoded once, windows drawn from them, scenes rendered in between.

mod augment;
mod cache;
mod find;
mod prefetch;
mod sampler;

pub(crate) use cache::{Found, FrameCache, Skipped};
pub(crate) use find::{find_clips, name_of};
pub(crate) use prefetch::Prefetch;

use std::path::Path;

use anyhow::{Result, ensure};
use clips::{Clip, Scene, to_planar_f32};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::config::{Config, hex};
use crate::noise::stream_seed;
use augment::{Cut, cut_out};
use cache::CachedClip;
use sampler::{Draw, Sampler, Source};

/// Stream of the validation scenes, apart from all that is drawn in training.
const VALIDATION: u64 = 0x76616c;

/// One training step's clips.
pub(crate) struct Batch {
    /// `[B, 3, T, H, W]` in [-1, 1].
    pub(crate) samples: Vec<f32>,
    pub(crate) shape: [usize; 5],
}

/// A clip to measure on, with its name.
pub(crate) struct HeldOut {
    pub(crate) name: String,
    pub(crate) clip: Clip,
}

/// Everything a run trains and validates on.
pub(crate) struct Dataset {
    clips: Vec<CachedClip>,
    held_out: Vec<CachedClip>,
    sampler: Sampler,
    config: Config,
    /// Files that could not be used, and why.
    pub(crate) skipped: Vec<Skipped>,
}

impl Dataset {
    /// Finds and decodes the config's clips (into `cache`, once) and plans the drawing.
    ///
    /// # Errors
    /// If a folder is missing or holds no usable clip, ffmpeg is missing, or the cache cannot be
    /// written.
    pub(crate) fn open(config: &Config, cache: &Path) -> Result<Self> {
        let data = &config.data;
        let mut dataset = Self {
            clips: Vec::new(),
            held_out: Vec::new(),
            sampler: Sampler::new(config.seed, data),
            config: config.clone(),
            skipped: Vec::new(),
        };
        let mut weights = Vec::new();
        if !data.folders.is_empty() {
            let cache = FrameCache::open(cache, data)?;
            for folder in &data.folders {
                let found = cache.collect(&folder.path, data)?;
                dataset.skipped.extend(found.skipped);
                let (train, held_out) = split(found.clips, config.validation.clips);
                weights.extend(dataset.sampler.clip_weights(&train, folder.weight));
                dataset.clips.extend(train);
                dataset.held_out.extend(held_out);
            }
        }
        let clips = dataset.clips.iter().zip(weights);
        dataset
            .sampler
            .set_clips(clips.map(|(clip, weight)| Source {
                extent: clip.extent(),
                shots: clip.shots().to_vec(),
                weight,
            }));
        ensure!(
            dataset.sampler.has_sources(),
            "there is nothing to train on: every clip and the scenes have weight 0"
        );
        Ok(dataset)
    }

    /// The clips of a step; a pure function of the config's seed and the step.
    pub(crate) fn batch(&self, step: u64) -> Result<Batch> {
        let data = &self.config.data;
        let window = |slot| -> Result<Vec<f32>> {
            Ok(to_planar_f32(&self.window(&self.sampler.draw(step, slot))?))
        };
        let windows: Vec<Vec<f32>> = (0..data.batch)
            .into_par_iter()
            .map(window)
            .collect::<Result<_>>()?;
        let samples = windows.concat();
        let shape = [data.batch, 3, data.frames, data.size, data.size];
        Ok(Batch { samples, shape })
    }

    fn window(&self, draw: &Draw) -> Result<Clip> {
        let data = &self.config.data;
        match draw {
            Draw::Scene { kind, seed } => {
                Ok(kind.render_varied(*seed, data.size, data.size, data.frames))
            }
            Draw::Window {
                clip,
                frames,
                cut,
                flip,
            } => {
                let window = self.clips[*clip].window(frames)?;
                cut_out(&window, *cut, data.size, *flip)
            }
        }
    }

    /// Clips that are not trained on: from the folders, or scenes if there are none.
    pub(crate) fn validation(&self) -> Result<Vec<HeldOut>> {
        let (size, frames) = (self.config.validation.size, self.config.data.frames);
        if self.held_out.is_empty() {
            return Ok(held_out_scenes(self.config.validation.clips, size, frames));
        }
        let crop = |cached: &CachedClip| {
            let shot = cached.shots().iter().find(|shot| shot.len() >= frames);
            let (first, last) = (
                shot.map_or(0, |shot| shot.start),
                cached.extent().frames - 1,
            );
            let window = (first..first + frames).map(|i| i.min(last));
            let window = cached.window(&window.collect::<Vec<_>>())?;
            let cut = Cut::Square(augment::centre(cached.extent(), size));
            let clip = cut_out(&window, cut, size, false)?;
            Ok(HeldOut {
                name: cached.name.clone(),
                clip,
            })
        };
        self.held_out.iter().map(crop).collect()
    }

    /// A hash of which clips there are, to notice when a run continues on other ones.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for clip in &self.clips {
            let extent = clip.extent();
            hash.update(format!("{} {extent:?}\n", clip.name));
            // Left out of clips without cuts, so that the fingerprint of older runs stays.
            if let [_, cuts @ ..] = clip.shots() {
                cuts.iter()
                    .for_each(|shot| hash.update(format!("{shot:?}\n")));
            }
        }
        hex(&hash.finalize())
    }

    /// One line for a person: how many clips, frames and scenes.
    pub(crate) fn describe(&self) -> String {
        if self.clips.is_empty() {
            return format!("{} kinds of synthetic scenes", Scene::all().len());
        }
        let frames: usize = self.clips.iter().map(|clip| clip.extent().frames).sum();
        let scenes = 100.0 * self.sampler.scene_share();
        let held_out = match self.held_out.len() {
            0 => "too few to hold any out: validated on scenes".to_owned(),
            count => format!("{count} more held out"),
        };
        format!(
            "{} clips with {frames} frames ({held_out}), {scenes:.0} % synthetic scenes",
            self.clips.len(),
        )
    }
}

/// Holds out `count` clips (at most a tenth), chosen by a hash of their names, so that the choice
/// depends neither on the order nor, mostly, on what else is there.
fn split(clips: Vec<CachedClip>, count: usize) -> (Vec<CachedClip>, Vec<CachedClip>) {
    let count = count.min(clips.len() / 10);
    let mut order: Vec<usize> = (0..clips.len()).collect();
    order.sort_by_key(|&i| Sha256::digest(&clips[i].name));
    let chosen: Vec<usize> = order.into_iter().take(count).collect();
    let (held_out, train): (Vec<_>, Vec<_>) = clips
        .into_iter()
        .enumerate()
        .partition(|(i, _)| chosen.contains(i));
    let strip = |list: Vec<(usize, CachedClip)>| list.into_iter().map(|(_, clip)| clip).collect();
    (strip(train), strip(held_out))
}

/// Scenes that no run is trained on, kind after kind.
pub(crate) fn held_out_scenes(count: usize, size: usize, frames: usize) -> Vec<HeldOut> {
    let kinds = Scene::all().iter().cycle().take(count);
    kinds
        .enumerate()
        .map(|(i, kind)| HeldOut {
            name: kind.name().to_owned(),
            clip: kind.render_varied(stream_seed(&[VALIDATION, i as u64]), size, size, frames),
        })
        .collect()
}
