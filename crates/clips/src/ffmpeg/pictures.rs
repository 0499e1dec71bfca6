//! Folders of pictures, which are clips as much as video files are.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use super::error::VideoError;

/// Frames a second of a folder of pictures, which says nothing about it.
pub const PICTURE_RATE: f64 = 25.0;
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Whether a file's name is that of a picture: `.jpg`, `.jpeg`, `.png` or `.webp`.
pub fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    ENDINGS.contains(&ending.to_lowercase().as_str())
}

/// The pictures of a folder in the order in which a person counts: `2.png` before `10.png`.
pub(crate) fn pictures(folder: &Path) -> Result<Vec<PathBuf>, VideoError> {
    let unreadable = |source| VideoError::Unreadable {
        path: folder.into(),
        source,
    };
    let folder_whole = std::fs::canonicalize(folder).map_err(unreadable)?;
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(folder_whole).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_picture(&path) {
            pictures.push(path);
        }
    }
    if pictures.is_empty() {
        return Err(VideoError::NotAFile {
            path: folder.into(),
        });
    }
    pictures.sort_by(|a, b| as_counted(&a.to_string_lossy(), &b.to_string_lossy()));
    Ok(pictures)
}

/// The script of ffmpeg's concat demuxer that plays the pictures one after the other.
pub(super) fn script(pictures: &[PathBuf]) -> String {
    let line = |path: &PathBuf| {
        let path = path.to_string_lossy().replace('\'', r"'\''");
        format!("file 'file:{path}'\n")
    };
    pictures.iter().map(line).collect()
}

/// Compares names with their runs of digits as numbers.
fn as_counted(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    while !rest_a.is_empty() && !rest_b.is_empty() {
        let ((part_a, next_a), (part_b, next_b)) = (part(rest_a), part(rest_b));
        let order = match (part_a.parse::<u64>(), part_b.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            _ => part_a.cmp(part_b),
        };
        if order.is_ne() {
            return order;
        }
        (rest_a, rest_b) = (next_a, next_b);
    }
    rest_a.len().cmp(&rest_b.len()).then_with(|| a.cmp(b))
}

/// The digits, or what is none, at the start; and the rest.
fn part(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted() {
        let mut names = ["f10.png", "f9.png", "f009.png", "a.png", "f10b.png", "f1"];
        names.sort_by(|a, b| as_counted(a, b));
        assert_eq!(
            names,
            ["a.png", "f1", "f009.png", "f9.png", "f10.png", "f10b.png"]
        );
    }

    #[test]
    fn quotes_are_written_so_that_they_are_read() {
        let script = script(&[PathBuf::from("/it's/1.png")]);
        assert_eq!(script, "file 'file:/it'\\''s/1.png'\n");
    }
}
