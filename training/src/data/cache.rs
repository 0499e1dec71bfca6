//! Clips decoded once, small, so that training reads frames instead of decoding video.
//!
//! Each clip is a file of raw RGB frames; `index.json` says which video it came from and how large
//! it is, and remembers which videos could not be decoded.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use clips::{Clip, Extent};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::checkpoint::write_whole;
use crate::config::{DataConfig, hex};
use crate::video;

/// What is taken for a video file.
const EXTENSIONS: [&str; 8] = ["mp4", "webm", "mov", "avi", "mkv", "mpg", "mpeg", "m4v"];
const INDEX: &str = "index.json";

/// A file that is not used, and why.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// A decoded clip on disk.
#[derive(Clone, Debug)]
pub(crate) struct CachedClip {
    /// The video's file name.
    pub(crate) name: String,
    file: PathBuf,
    extent: Extent,
}

/// What a folder holds.
pub(crate) struct Found {
    pub(crate) clips: Vec<CachedClip>,
    pub(crate) skipped: Vec<Skipped>,
}

/// A folder of decoded clips.
pub(crate) struct FrameCache {
    folder: PathBuf,
    short_side: usize,
    most_frames: usize,
}

/// The index: what became of each video, by a key of its path, size, date and how it was decoded.
type Index = BTreeMap<String, Entry>;

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Entry {
    Decoded {
        frames: usize,
        height: usize,
        width: usize,
    },
    Unusable {
        reason: String,
    },
}

impl FrameCache {
    /// A cache in a folder, made if it is missing.
    pub(crate) fn open(folder: &Path, short_side: usize, most_frames: usize) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| {
            format!(
                "the frame cache {} cannot be made; choose another --cache",
                folder.display()
            )
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            short_side,
            most_frames,
        })
    }

    /// Every usable clip of a folder, decoded now where that is still to be done.
    ///
    /// # Errors
    /// If the folder is missing, ffmpeg is missing, or there is no usable clip.
    pub(crate) fn collect(&self, folder: &Path, data: &DataConfig) -> Result<Found> {
        let videos = find_videos(folder)?;
        let mut index = self.read_index();
        let mut found = Found {
            clips: Vec::new(),
            skipped: Vec::new(),
        };
        let bar = ProgressBar::new(videos.len() as u64).with_message("decoding");
        for path in &videos {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match self.clip(&name, path, &mut index)? {
                Ok(clip) => match unsuitable(clip.extent, data) {
                    None => found.clips.push(clip),
                    Some(reason) => found.skipped.push(Skipped { name, reason }),
                },
                Err(reason) => found.skipped.push(Skipped { name, reason }),
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        if found.clips.is_empty() {
            let reasons: Vec<String> = found
                .skipped
                .iter()
                .map(|s| format!("{}: {}", s.name, s.reason))
                .collect();
            bail!(
                "no clip in {} can be used ({})",
                folder.display(),
                reasons.join("; ")
            );
        }
        Ok(found)
    }

    /// The clip of a video, or why there is none.
    fn clip(
        &self,
        name: &str,
        path: &Path,
        index: &mut Index,
    ) -> Result<Result<CachedClip, String>> {
        let key = self.key(path)?;
        let file = self.folder.join(format!("{key}.rgb"));
        let known = index.get(&key).cloned();
        // A frame file that was deleted or cut short is made again.
        let entry = match known {
            Some(entry) if entry.is_intact(&file) => entry,
            _ => {
                let entry = self.decode(path, &file)?;
                index.insert(key, entry.clone());
                write_whole(&self.folder.join(INDEX), &serde_json::to_vec_pretty(index)?)?;
                entry
            }
        };
        Ok(match entry {
            Entry::Decoded {
                frames,
                height,
                width,
            } => {
                let extent = Extent {
                    frames,
                    height,
                    width,
                };
                Ok(CachedClip {
                    name: name.to_owned(),
                    file,
                    extent,
                })
            }
            Entry::Unusable { reason } => Err(reason),
        })
    }

    fn decode(&self, path: &Path, file: &Path) -> Result<Entry> {
        let video = match video::read(path, Some(self.short_side), Some(self.most_frames)) {
            Ok(video) => video,
            Err(error) if video::is_about_file(&error) => {
                return Ok(Entry::Unusable {
                    reason: format!("{error:#}"),
                });
            }
            Err(error) => return Err(error),
        };
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
        })
    }

    fn key(&self, path: &Path) -> Result<String> {
        let unreadable = || format!("{} cannot be read", path.display());
        let about = fs::metadata(path).with_context(unreadable)?;
        let changed = about
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let text = format!(
            "{} {} {changed:?} {} {}",
            fs::canonicalize(path).with_context(unreadable)?.display(),
            about.len(),
            self.short_side,
            self.most_frames
        );
        Ok(hex(&Sha256::digest(text))[..24].to_owned())
    }

    /// The index; one that is missing or damaged only costs decoding again.
    fn read_index(&self) -> Index {
        let text = fs::read_to_string(self.folder.join(INDEX)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl Entry {
    fn is_intact(&self, file: &Path) -> bool {
        match *self {
            Self::Unusable { .. } => true,
            Self::Decoded {
                frames,
                height,
                width,
            } => {
                let samples = Extent {
                    frames,
                    height,
                    width,
                }
                .samples() as u64;
                fs::metadata(file).is_ok_and(|about| about.len() == samples)
            }
        }
    }
}

fn unsuitable(extent: Extent, data: &DataConfig) -> Option<String> {
    let Extent {
        frames,
        height,
        width,
    } = extent;
    if frames < data.frames {
        return Some(format!(
            "it has {frames} frames, fewer than a window's {}",
            data.frames
        ));
    }
    (height.min(width) < data.size).then(|| format!("{width}x{height} is smaller than a window"))
}

impl CachedClip {
    /// Frames, rows and columns.
    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    /// `frames` frames from `start`, `stride` apart.
    pub(crate) fn window(&self, start: usize, stride: usize, frames: usize) -> Result<Clip> {
        let Extent { height, width, .. } = self.extent;
        let frame = height * width * 3;
        let failed = || format!("the cached frames of {} cannot be read", self.name);
        let mut file = File::open(&self.file).with_context(failed)?;
        let mut data = vec![0; frame * frames];
        for (i, rgb) in data.chunks_exact_mut(frame).enumerate() {
            let offset = ((start + i * stride) * frame) as u64;
            file.seek(SeekFrom::Start(offset)).with_context(failed)?;
            file.read_exact(rgb).with_context(failed)?;
        }
        Ok(Clip::new(width, height, data)?)
    }
}

/// The video files of a folder and its subfolders, sorted by path.
///
/// # Errors
/// If the folder cannot be read or holds no video file.
pub(crate) fn find_videos(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut videos = Vec::new();
    search(folder, &mut videos)?;
    if videos.is_empty() {
        let known = EXTENSIONS.join(", ");
        bail!("there are no video files in {} ({known})", folder.display());
    }
    videos.sort();
    Ok(videos)
}

fn search(folder: &Path, videos: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("the folder {} cannot be read", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            search(&path, videos)?;
        } else if is_video(&path) {
            videos.push(path);
        }
    }
    Ok(())
}

fn is_video(path: &Path) -> bool {
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    EXTENSIONS.contains(&extension.as_str())
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
        };
        let window = clip.window(1, 2, 2).unwrap();
        let expected: Vec<u8> = (12..24).chain(36..48).collect();
        assert_eq!(window.data(), expected);
        assert!(clip.window(3, 2, 2).is_err());
    }

    #[test]
    fn videos_are_found_in_subfolders() {
        let folder = tempfile::tempdir().unwrap();
        assert!(find_videos(folder.path()).is_err());
        fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["b/x.MP4", "a.mkv", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<_> = find_videos(folder.path()).unwrap();
        assert_eq!(
            names,
            [folder.path().join("a.mkv"), folder.path().join("b/x.MP4")]
        );
    }
}
