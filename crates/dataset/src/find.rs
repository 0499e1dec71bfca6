//! Which files and folders are clips.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clips::ffmpeg::is_picture;

use crate::skipped::Skipped;

/// What is taken for a video file.
const ENDINGS: [&str; 17] = [
    "mp4", "webm", "mov", "avi", "mkv", "mpg", "mpeg", "m4v", "3gp", "mts", "m2ts", "ts", "ogv",
    "wmv", "flv", "y4m", "gif",
];

/// What a folder was found to hold.
#[derive(Debug, Default)]
pub struct Search {
    /// Video files, and folders of pictures, each once, sorted by path.
    pub clips: Vec<PathBuf>,
    /// Folders and links that cannot be entered.
    pub skipped: Vec<Skipped>,
    /// Folders and videos that were found, by whatever name, without links.
    seen: BTreeSet<PathBuf>,
}

/// The clips in a folder and its subfolders: video files, and folders that hold two or more
/// pictures (jpg, png, webp) and no video. Links are followed; what they lead to again is left out.
/// A video file is a clip on its own.
///
/// # Errors
/// If the folder cannot be read or holds no clip.
pub fn find_clips(folder: &Path) -> Result<Search> {
    let mut search = Search::default();
    if folder.is_file() && is_video(folder) {
        search.clips.push(folder.to_owned());
        return Ok(search);
    }
    search
        .enter(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    if search.clips.is_empty() {
        let known = ENDINGS.join(", ");
        bail!(
            "there are no video files in {} ({known}), and no folders of pictures (jpg, png, webp)",
            folder.display()
        );
    }
    search.clips.sort();
    Ok(search)
}

/// What a clip is called: the name of its file or folder.
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl Search {
    /// Searches a folder; what cannot be entered below it is noted.
    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        if !self.seen.insert(fs::canonicalize(folder)?) {
            return Ok(());
        }
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<io::Result<Vec<PathBuf>>>()?;
        // What lies here comes before links to it, so that it keeps its own name.
        paths.sort_by_key(|path| (path.is_symlink(), path.clone()));
        let (mut has_video, mut pictures) = (false, 0);
        for path in paths {
            let found = if path.is_dir() {
                self.enter(&path)
            } else if is_video(&path) {
                has_video = true;
                self.add(&path)
            } else {
                pictures += usize::from(is_picture(&path));
                Ok(())
            };
            if let Err(error) = found {
                self.skipped.push(Skipped {
                    path,
                    reason: format!("it cannot be read ({error})"),
                });
            }
        }
        if !has_video && pictures > 1 {
            self.clips.push(folder.to_owned());
        }
        Ok(())
    }

    fn add(&mut self, video: &Path) -> io::Result<()> {
        if self.seen.insert(fs::canonicalize(video)?) {
            self.clips.push(video.to_owned());
        }
        Ok(())
    }
}

fn is_video(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    ENDINGS.contains(&ending.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_and_folders_of_pictures_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        assert!(find_clips(folder.path()).is_err());
        for part in ["b", "frames", "poster"] {
            fs::create_dir(inside(part)).unwrap();
        }
        let files = [
            "b/x.MP4",
            "a.mkv",
            "a.jpg",
            "b.jpg",
            "notes.txt",
            "frames/1.PNG",
            "frames/2.png",
            "poster/1.jpg",
        ];
        for name in files {
            fs::write(inside(name), "").unwrap();
        }
        let found = find_clips(folder.path()).unwrap().clips;
        assert_eq!(
            found,
            [inside("a.mkv"), inside("b/x.MP4"), inside("frames")]
        );
        let frames = find_clips(&inside("frames")).unwrap();
        assert_eq!(frames.clips, [inside("frames")]);
        let alone = find_clips(&inside("a.mkv")).unwrap();
        assert_eq!(alone.clips, [inside("a.mkv")]);
    }

    #[cfg(unix)]
    #[test]
    fn each_real_file_is_found_once_and_dead_ends_are_named() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::create_dir(inside("b")).unwrap();
        fs::write(inside("b/x.mp4"), "").unwrap();
        symlink(folder.path(), inside("b/up")).unwrap();
        symlink(folder.path(), inside("up")).unwrap();
        symlink(inside("b"), inside("a")).unwrap();
        symlink(inside("b/x.mp4"), inside("again.mp4")).unwrap();
        symlink(inside("none"), inside("dangling.mp4")).unwrap();
        let found = find_clips(folder.path()).unwrap();
        assert_eq!(found.clips, [inside("b/x.mp4")]);
        let skipped: Vec<_> = found.skipped.iter().map(|own| &own.path).collect();
        assert_eq!(skipped, [&inside("dangling.mp4")]);
    }
}
