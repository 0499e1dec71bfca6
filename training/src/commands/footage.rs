//! The clips that are measured.

use std::path::{Path, PathBuf};

use analysis::Content;
use anyhow::{Result, bail};
use clips::ffmpeg::{self, DecodeOptions, FrameSize};
use clips::{Clip, centre_crop, cut, to_unit_f32};
use rayon::prelude::*;

use super::Part;
use crate::cli::EvaluateArgs;
use crate::commands::score::shape;
use crate::data::{Skipped, find_clips, held_out_scenes, name_of};

/// Frame rate at which clips are compressed, whatever theirs: what CRF gives hardly depends on it.
const RATE: f64 = 25.0;
/// Scenes measured: two of each kind.
const SCENES: usize = 20;

/// How clips are cut to size.
pub(super) struct Cut {
    /// Side of the centre crop.
    pub(super) size: usize,
    /// Frames from the start.
    pub(super) frames: usize,
    /// What the shorter side is scaled down to before the crop.
    short_side: Option<usize>,
}

impl From<&EvaluateArgs> for Cut {
    fn from(args: &EvaluateArgs) -> Self {
        Self {
            size: args.size,
            frames: args.frames,
            short_side: args.short_side,
        }
    }
}

/// A clip to measure on.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) path: Option<PathBuf>,
    /// What reconstructions are compared with.
    pub(super) clip: Clip,
    /// What is encoded, where that is not the clip itself.
    pub(super) input: Option<Clip>,
}

impl Sample {
    /// What is encoded.
    pub(super) fn input(&self) -> &Clip {
        self.input.as_ref().unwrap_or(&self.clip)
    }
}

/// The clips of folders, cut to size, and those that cannot be.
pub(super) fn clips(folders: &[PathBuf], cut: &Cut) -> Result<(Vec<Sample>, Vec<Skipped>)> {
    let mut paths = Vec::new();
    for folder in folders {
        paths.extend(find_clips(folder)?);
    }
    let read: Vec<Result<Clip>> = paths.par_iter().map(|path| centre(path, cut)).collect();
    let (mut samples, mut skipped) = (Vec::new(), Vec::new());
    for (path, clip) in paths.into_iter().zip(read) {
        let name = name_of(&path);
        match clip {
            Ok(clip) => samples.push(Sample {
                name,
                path: Some(path),
                clip,
                input: None,
            }),
            Err(error) => skipped.push(Skipped {
                name,
                reason: format!("{error:#}"),
            }),
        }
    }
    Ok((samples, skipped))
}

/// The first frames of a clip, scaled and cropped one by one, so that large ones take no more
/// memory than small ones.
fn centre(path: &Path, cut: &Cut) -> Result<Clip> {
    let size = match cut.short_side {
        Some(short) if shorter_side(path)? > short => FrameSize::ShortSide(short),
        _ => FrameSize::Original,
    };
    let options = DecodeOptions {
        max_frames: Some(cut.frames),
        size,
        ..DecodeOptions::default()
    };
    let mut clip = Clip::empty(cut.size, cut.size)?;
    for frame in ffmpeg::open(path, &options)? {
        clip.push_frame(&centre_crop(&frame?, cut.size, cut.size)?)?;
    }
    if clip.frames() < cut.frames {
        bail!("it has {} frames, fewer than {}", clip.frames(), cut.frames);
    }
    Ok(clip)
}

fn shorter_side(path: &Path) -> Result<usize> {
    let info = ffmpeg::probe(path)?;
    Ok(info.width.min(info.height))
}

/// Synthetic scenes that no run is trained on.
pub(super) fn scenes(cut: &Cut) -> Result<Vec<Sample>> {
    let scenes = held_out_scenes(SCENES, cut.size, cut.frames).into_iter();
    let samples = scenes.enumerate().map(|(i, scene)| Sample {
        name: format!("{} {}", scene.name, i + 1),
        path: None,
        clip: scene.clip,
        input: None,
    });
    Ok(samples.collect())
}

/// The same clips after H.264: what a model is given when it meets video as it is found.
pub(super) fn compressed(clean: &[Sample], crf: u8) -> Result<Vec<Sample>> {
    let folder = tempfile::tempdir()?;
    let one = |(i, sample): (usize, &Sample)| -> Result<Sample> {
        let file = folder.path().join(format!("{i}.mp4"));
        ffmpeg::encode_h264(&file, &sample.clip, RATE, crf)?;
        let decoded = ffmpeg::decode(&file, &DecodeOptions::default())?;
        std::fs::remove_file(&file)?;
        Ok(Sample {
            name: sample.name.clone(),
            path: sample.path.clone(),
            clip: sample.clip.clone(),
            input: Some(cut(&decoded, sample.clip.extent())?),
        })
    };
    clean.par_iter().enumerate().map(one).collect()
}

/// The third of the clips with the most texture, and the third with the most motion.
pub(super) fn parts(samples: &[Sample]) -> Result<Vec<Part>> {
    let contents: Vec<Content> = samples.iter().map(content).collect::<Result<_>>()?;
    let most = samples.len().div_ceil(3);
    let part = |what: &str, how: &str, measure: fn(&Content) -> f64| {
        let mut members: Vec<usize> = (0..samples.len()).collect();
        members.sort_by(|&a, &b| measure(&contents[b]).total_cmp(&measure(&contents[a])));
        members.truncate(most);
        let least = members.last().map_or(0.0, |&i| measure(&contents[i]));
        members.sort_unstable();
        let title = format!(
            "{what} third: {most} clips whose {how} is {:.2} of 255 or more",
            255.0 * least
        );
        Part { title, members }
    };
    Ok(vec![
        part(
            "Texture-heavy",
            "mean absolute difference of neighbouring pixels (luma)",
            |content| content.texture,
        ),
        part(
            "Fast-motion",
            "mean absolute difference of successive frames (luma)",
            |content| content.motion,
        ),
    ])
}

pub(super) fn content(sample: &Sample) -> Result<Content> {
    Ok(Content::of(
        &to_unit_f32(&sample.clip),
        shape(&sample.clip),
    )?)
}
