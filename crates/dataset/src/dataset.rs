//! The clips of every step.

use std::path::Path;

use anyhow::{Result, ensure};
use clips::{Clip, Scene, to_planar_f32};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::augment::{Cut, centre, cut_out};
use crate::cache::{CachedClip, FrameCache, Watch};
use crate::config::{DataConfig, HeldOutConfig};
use crate::held_out::{HeldOut, held_out_scenes};
use crate::sampler::{Draw, Sampler, Source};
use crate::skipped::Skipped;

/// One training step's clips.
pub struct Batch {
    /// `[B, 3, T, H, W]` in [-1, 1].
    pub samples: Vec<f32>,
    /// `[B, 3, T, H, W]`
    pub shape: [usize; 5],
}

/// Everything a run trains and validates on.
pub struct Dataset {
    clips: Vec<CachedClip>,
    held_out: Vec<CachedClip>,
    sampler: Sampler,
    config: DataConfig,
    held_out_config: HeldOutConfig,
    /// Files that could not be used, and why.
    pub skipped: Vec<Skipped>,
}

impl Dataset {
    /// Finds and decodes the config's clips (into `cache`, once), holds some out, and plans the
    /// drawing by a seed.
    ///
    /// # Errors
    /// If a folder is missing or holds no usable clip, ffmpeg is missing, or the cache cannot be
    /// written.
    pub fn open(
        data: &DataConfig,
        held_out: HeldOutConfig,
        seed: u64,
        cache: &Path,
        watch: Watch<'_>,
    ) -> Result<Self> {
        let mut dataset = Self {
            clips: Vec::new(),
            held_out: Vec::new(),
            sampler: Sampler::new(seed, data),
            config: data.clone(),
            held_out_config: held_out,
            skipped: Vec::new(),
        };
        let mut weights = Vec::new();
        if !data.folders.is_empty() {
            let cache = FrameCache::open(cache, data)?;
            for folder in &data.folders {
                let found = cache.collect(&folder.path, data, watch)?;
                dataset.skipped.extend(found.skipped);
                let (train, apart) = split(found.clips, held_out.clips);
                weights.extend(dataset.sampler.clip_weights(&train, folder.weight));
                dataset.clips.extend(train);
                dataset.held_out.extend(apart);
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

    /// The clips of a step; a pure function of the seed and the step.
    ///
    /// # Errors
    /// If a cached clip can no longer be read.
    pub fn batch(&self, step: u64) -> Result<Batch> {
        let data = &self.config;
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
        let data = &self.config;
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
    ///
    /// # Errors
    /// If a cached clip can no longer be read.
    pub fn validation(&self) -> Result<Vec<HeldOut>> {
        let HeldOutConfig { clips, size } = self.held_out_config;
        let frames = self.config.frames;
        if self.held_out.is_empty() {
            return Ok(held_out_scenes(clips, size, frames));
        }
        let crop = |cached: &CachedClip| {
            let shot = cached.shots().iter().find(|shot| shot.len() >= frames);
            let (first, last) = (
                shot.map_or(0, |shot| shot.start),
                cached.extent().frames - 1,
            );
            let window = (first..first + frames).map(|i| i.min(last));
            let window = cached.window(&window.collect::<Vec<_>>())?;
            let cut = Cut::Square(centre(cached.extent(), size));
            let clip = cut_out(&window, cut, size, false)?;
            Ok(HeldOut {
                name: cached.name.clone(),
                clip,
            })
        };
        self.held_out.iter().map(crop).collect()
    }

    /// A hash of which clips there are, to notice when a run continues on other ones.
    pub fn fingerprint(&self) -> String {
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
        files::hex(&hash.finalize())
    }

    /// One line for a person: how many clips, frames and scenes.
    pub fn describe(&self) -> String {
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
    let clips = |list: Vec<(usize, CachedClip)>| list.into_iter().map(|(_, clip)| clip).collect();
    (clips(train), clips(held_out))
}
