//! Clips as they are measured: some frames from the start, a square from the middle.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use clips::ffmpeg::{self, DecodeOptions, FrameSize};
use clips::video::at_most;
use clips::{Clip, centre_crop, resize_for_wf_scripts};
use dataset::{Skipped, find_clips, name_of};
use rayon::prelude::*;

/// How clips are cut to size.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Side of the centre crop, in pixels.
    pub size: usize,
    /// What the shorter side is scaled to before the crop; else the crop is of the picture as
    /// filmed.
    pub short_side: Option<usize>,
    /// How it is scaled.
    pub scaling: Scaling,
    /// Frames taken from the start of each clip.
    pub frames: usize,
}

/// The filter that frames are scaled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scaling {
    /// Antialiased bilinear, down only, the longer side rounded.
    #[default]
    Antialiased,
    /// The kernel of WF-VAE's evaluation scripts, up as well, the longer side cut down to whole pixels.
    WfScripts,
}

impl Cut {
    /// The same in words.
    pub fn describe(&self) -> String {
        let scaled = self.short_side.map_or(String::new(), |short| {
            let how = match self.scaling {
                Scaling::Antialiased => "",
                Scaling::WfScripts => " as WF-VAE's scripts do",
            };
            format!("shorter side scaled to {short}{how}, ")
        });
        let (frames, size) = (self.frames, self.size);
        format!("{frames} frames from the start, {scaled}centre crop {size}x{size}")
    }
}

/// A clip to measure on.
pub struct Sample {
    /// The name of its file, or of the kind of scene.
    pub name: String,
    /// Its file, where it has one.
    pub path: Option<PathBuf>,
    /// What reconstructions are compared with.
    pub clip: Clip,
    /// What is encoded, where that is not the clip itself.
    pub input: Option<Clip>,
}

impl Sample {
    /// What is encoded.
    pub fn input(&self) -> &Clip {
        self.input.as_ref().unwrap_or(&self.clip)
    }
}

/// The clips of folders, cut to size; says on the standard error stream which cannot be.
///
/// # Errors
/// If a folder cannot be read, or no clip can be used.
pub fn usable(folders: &[PathBuf], cut: &Cut) -> Result<Vec<Sample>> {
    let (samples, skipped) = clips(folders, cut)?;
    for file in &skipped {
        note(&format!("skipped {file}"));
    }
    if samples.is_empty() {
        bail!("none of the clips can be measured; see what was skipped and why");
    }
    Ok(samples)
}

/// A line on the standard error stream, whether or not anybody reads it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The clips of folders, cut to size, and those that cannot be.
pub(crate) fn clips(folders: &[PathBuf], cut: &Cut) -> Result<(Vec<Sample>, Vec<Skipped>)> {
    let (mut paths, mut skipped) = (Vec::new(), Vec::new());
    for folder in folders {
        let search = find_clips(folder)?;
        paths.extend(search.clips);
        skipped.extend(search.skipped);
    }
    let read: Vec<Result<Clip>> = paths.par_iter().map(|path| centre(path, cut)).collect();
    let mut samples = Vec::new();
    for (path, clip) in paths.into_iter().zip(read) {
        match clip {
            Ok(clip) => samples.push(Sample {
                name: name_of(&path),
                path: Some(path),
                clip,
                input: None,
            }),
            Err(error) => skipped.push(Skipped {
                path,
                reason: format!("{error:#}"),
            }),
        }
    }
    Ok((samples, skipped))
}

/// The first frames of a clip, scaled and cropped one by one, so that large ones take no more
/// memory than small ones.
fn centre(path: &Path, cut: &Cut) -> Result<Clip> {
    let by_scripts = cut.short_side.filter(|_| cut.scaling == Scaling::WfScripts);
    let options = DecodeOptions {
        max_frames: Some(cut.frames),
        size: by_scripts.map_or(at_most(cut.short_side), |_| FrameSize::Original),
        ..DecodeOptions::default()
    };
    let mut clip = Clip::empty(cut.size, cut.size)?;
    for frame in ffmpeg::open(path, &options)? {
        let frame = match by_scripts {
            Some(short) => resize_for_wf_scripts(&frame?, short)?,
            None => frame?,
        };
        clip.push_frame(&centre_crop(&frame, cut.size, cut.size)?)?;
    }
    if clip.frames() < cut.frames {
        bail!("it has {} frames, fewer than {}", clip.frames(), cut.frames);
    }
    Ok(clip)
}
