//! Clips decoded once, small, so that training reads frames instead of decoding video.
//!
//! Each clip is a file of raw RGB frames; the index says how large it is, and remembers which
//! videos could not be decoded. As many clips are decoded at once as there are processor cores.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Error, Result, bail, ensure};
use clips::ffmpeg::VideoError;
use clips::{Clip, Extent, shots, video};
use files::{sha256, write_whole};
use rayon::prelude::*;

use crate::config::{DataConfig, Windows};
use crate::find::{find_clips, name_of};
use crate::index::{Entry, Index};
use crate::skipped::Skipped;

/// Called with how many clips are ready and how many there are; where it says `false`, no further
/// one is decoded.
pub type Watch<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Sees to everything being decoded.
pub const UNWATCHED: Watch<'static> = &|_, _| true;

/// A decoded clip on disk.
#[derive(Clone, Debug)]
pub struct CachedClip {
    /// The video's file name.
    pub name: String,
    file: PathBuf,
    extent: Extent,
    shots: Vec<Range<usize>>,
}

/// What a folder holds.
pub struct Found {
    /// Clips to train on, by path.
    pub clips: Vec<CachedClip>,
    /// What cannot be used.
    pub skipped: Vec<Skipped>,
}

/// A folder of decoded clips.
pub struct FrameCache {
    folder: PathBuf,
    short_side: usize,
    most_frames: usize,
    max_fps: Option<f64>,
    index: Index,
}

impl FrameCache {
    /// A cache in a folder, made if it is missing.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, data: &DataConfig) -> Result<Self> {
        let failed = || {
            format!(
                "the frame cache {} cannot be made; choose another --cache",
                folder.display()
            )
        };
        fs::create_dir_all(folder).with_context(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            short_side: data.cache_short_side,
            most_frames: data.cache_frames,
            max_fps: data.max_fps,
            index: Index::open(folder),
        })
    }

    /// Every usable clip of a folder, decoded now where that is still to be done, and why the
    /// others are not usable.
    ///
    /// # Errors
    /// If the folder is missing or has no clips, ffmpeg is missing, or `watch` says to stop.
    pub fn index(&self, folder: &Path, data: &DataConfig, watch: Watch<'_>) -> Result<Found> {
        let search = find_clips(folder)?;
        let (paths, ready) = (search.clips, AtomicUsize::new(0));
        let clip = |path: &PathBuf| {
            ensure!(
                watch(ready.load(Ordering::Relaxed), paths.len()),
                "stopped before all clips were decoded; those that were are kept"
            );
            let clip = self.clip(path);
            ready.fetch_add(1, Ordering::Relaxed);
            clip
        };
        let clips: Vec<Result<CachedClip, String>> =
            paths.par_iter().map(clip).collect::<Result<_>>()?;
        watch(paths.len(), paths.len());
        let mut found = Found {
            clips: Vec::new(),
            skipped: search.skipped,
        };
        for (path, clip) in paths.into_iter().zip(clips) {
            match clip.and_then(|clip| unsuitable(&clip, data).map_or(Ok(clip), Err)) {
                Ok(clip) => found.clips.push(clip),
                Err(reason) => found.skipped.push(Skipped { path, reason }),
            }
        }
        Ok(found)
    }

    /// [`index`](Self::index) of a folder that must have something to train on.
    ///
    /// # Errors
    /// As there, and if there is no usable clip.
    pub(crate) fn collect(
        &self,
        folder: &Path,
        data: &DataConfig,
        watch: Watch<'_>,
    ) -> Result<Found> {
        let found = self.index(folder, data, watch)?;
        if found.clips.is_empty() {
            let reasons: Vec<String> = found.skipped.iter().map(Skipped::to_string).collect();
            bail!(
                "no clip in {} can be used ({})",
                folder.display(),
                reasons.join("; ")
            );
        }
        Ok(found)
    }

    /// The clip of a video, or why there is none.
    fn clip(&self, path: &Path) -> Result<Result<CachedClip, String>> {
        let key = self.key(path)?;
        let file = self.folder.join(format!("{key}.rgb"));
        // A frame file that was deleted or cut short is made again.
        let entry = match self.index.get(&key) {
            Some(entry) if entry.is_intact(&file) => entry,
            _ => {
                // Nothing but a failure that comes twice is the file's own fault.
                let mut decoded = self.decode(path, &file);
                if decoded.as_ref().is_err_and(is_verdict) {
                    decoded = self.decode(path, &file);
                }
                let entry = match decoded {
                    Ok(entry) => entry,
                    Err(error) if is_verdict(&error) => Entry::Unusable {
                        reason: format!("{error:#}"),
                    },
                    Err(error) if was_stopped(&error) => return Ok(Err(format!("{error:#}"))),
                    Err(error) => return Err(error),
                };
                let added = self.index.add(key, entry.clone());
                added.context("the frame cache's index cannot be written")?;
                entry
            }
        };
        Ok(match entry {
            Entry::Decoded {
                frames,
                height,
                width,
                shots,
            } => Ok(CachedClip {
                name: name_of(path),
                file,
                extent: Extent {
                    frames,
                    height,
                    width,
                },
                shots,
            }),
            Entry::Unusable { reason } => Err(reason),
        })
    }

    fn decode(&self, path: &Path, file: &Path) -> Result<Entry> {
        let part = video::Part {
            short_side: Some(self.short_side),
            frames: Some(self.most_frames),
            max_fps: self.max_fps,
        };
        let video = video::read(path, &part)?;
        let Extent {
            frames,
            height,
            width,
        } = video.clip.extent();
        write_whole(file, video.clip.data())?;
        Ok(Entry::Decoded {
            frames,
            height,
            width,
            shots: shots(&video.clip),
        })
    }

    /// What changes when the clip or the way it is decoded does.
    fn key(&self, path: &Path) -> Result<String> {
        let unreadable = || format!("{} cannot be read", path.display());
        let (length, changed) = stamp(path).with_context(unreadable)?;
        let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut text = format!(
            "{} {length} {changed:?} {} {}",
            fs::canonicalize(path).with_context(unreadable)?.display(),
            self.short_side,
            self.most_frames
        );
        if let Some(rate) = self.max_fps {
            text.push_str(&format!(" {rate}"));
        }
        Ok(sha256(text)[..24].to_owned())
    }
}

impl Entry {
    fn is_intact(&self, file: &Path) -> bool {
        match self {
            Self::Unusable { .. } => true,
            Self::Decoded {
                frames,
                height,
                width,
                shots,
            } => {
                let samples = (frames * height * width * 3) as u64;
                let is_whole = |about: fs::Metadata| about.len() == samples;
                !shots.is_empty() && fs::metadata(file).is_ok_and(is_whole)
            }
        }
    }
}

fn is_verdict(error: &Error) -> bool {
    let video = error.downcast_ref::<VideoError>();
    video.is_some_and(|error| error.is_about_file()) && !was_stopped(error)
}

/// Whether a signal ended ffmpeg: that is nothing to remember.
fn was_stopped(error: &Error) -> bool {
    matches!(error.downcast_ref(), Some(VideoError::Stopped { .. }))
}

/// Bytes and last change of a file, or of all that lies in a folder of pictures.
fn stamp(path: &Path) -> std::io::Result<(u64, Option<SystemTime>)> {
    let own = fs::metadata(path)?;
    if !own.is_dir() {
        return Ok((own.len(), own.modified().ok()));
    }
    let (mut length, mut changed) = (0, own.modified().ok());
    for entry in fs::read_dir(path)? {
        let about = entry?.metadata()?;
        length += about.len();
        changed = changed.max(about.modified().ok());
    }
    Ok((length, changed))
}

fn unsuitable(clip: &CachedClip, data: &DataConfig) -> Option<String> {
    let Extent {
        frames,
        height,
        width,
    } = clip.extent;
    let longest = clip.shots.iter().map(ExactSizeIterator::len).max();
    let longest = longest.unwrap_or(0);
    // The reference repeats frames of short clips, and does not look for cuts.
    if longest < data.frames && data.windows != Windows::Reference {
        let what = if longest < frames {
            "its longest shot"
        } else {
            "it"
        };
        return Some(format!(
            "{what} has {longest} frames, fewer than a window's {}",
            data.frames
        ));
    }
    (height.min(width) < data.size).then(|| format!("{width}x{height} is smaller than a window"))
}

impl CachedClip {
    /// Frames, rows and columns.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Its shots, in order.
    pub fn shots(&self) -> &[Range<usize>] {
        &self.shots
    }

    /// The frames of these numbers, in this order.
    pub(crate) fn window(&self, frames: &[usize]) -> Result<Clip> {
        let Extent { height, width, .. } = self.extent;
        let frame = height * width * 3;
        let failed = || format!("the cached frames of {} cannot be read", self.name);
        let mut file = File::open(&self.file).with_context(failed)?;
        let mut data = vec![0; frame * frames.len()];
        for (index, rgb) in frames.iter().zip(data.chunks_exact_mut(frame)) {
            let offset = (index * frame) as u64;
            file.seek(SeekFrom::Start(offset)).with_context(failed)?;
            file.read_exact(rgb).with_context(failed)?;
        }
        Ok(Clip::new(width, height, data)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_frame_by_frame() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rgb");
        fs::write(&file, (0..5 * 12).collect::<Vec<u8>>()).unwrap();
        let extent = Extent {
            frames: 5,
            height: 2,
            width: 2,
        };
        let clip = CachedClip {
            name: "a".into(),
            file,
            extent,
            shots: std::iter::once(0..5).collect(),
        };
        let window = clip.window(&[1, 3]).unwrap();
        let expected: Vec<u8> = (12..24).chain(36..48).collect();
        assert_eq!(window.data(), expected);
        assert!(clip.window(&[3, 5]).is_err());
    }
}
