//! Which files and folders are clips.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clips::ffmpeg::is_picture;

/// What is taken for a video file.
const ENDINGS: [&str; 12] = [
    "mp4", "webm", "mov", "avi", "mkv", "mpg", "mpeg", "m4v", "3gp", "mts", "ogv", "wmv",
];

/// The clips in a folder and its subfolders, sorted by path: video files, and folders that hold
/// two or more pictures (jpg, png, webp) and no video.
///
/// # Errors
/// If the folder cannot be read or holds no clip.
pub fn find_clips(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut clips = Vec::new();
    search(folder, &mut clips)?;
    if clips.is_empty() {
        let known = ENDINGS.join(", ");
        bail!(
            "there are no video files in {} ({known}), and no folders of pictures (jpg, png, webp)",
            folder.display()
        );
    }
    clips.sort();
    Ok(clips)
}

/// What a clip is called: the name of its file or folder.
pub fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn search(folder: &Path, clips: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("the folder {} cannot be read", folder.display());
    let (mut videos, mut pictures) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            search(&path, clips)?;
        } else if is_video(&path) {
            videos.push(path);
        } else if is_picture(&path) {
            pictures += 1;
        }
    }
    if videos.is_empty() && pictures > 1 {
        clips.push(folder.to_owned());
    }
    clips.extend(videos);
    Ok(())
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
        let found = find_clips(folder.path()).unwrap();
        assert_eq!(
            found,
            [inside("a.mkv"), inside("b/x.MP4"), inside("frames")]
        );
        assert_eq!(find_clips(&inside("frames")).unwrap(), [inside("frames")]);
    }
}
