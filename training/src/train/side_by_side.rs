//! Short videos of clips beside their reconstructions: what flickers shows in no still picture.

use std::path::Path;

use anyhow::{Context, Result};
use clips::Clip;
use clips::ffmpeg::{self, VideoError};

/// Frames a second: slow enough to look at. The clips come at many rates.
const RATE: f64 = 12.0;

/// Writes `step-NNNNNNN.mp4` into a folder that exists: a row for every pair, the clip on the left, its
/// reconstruction on the right. All clips must be of one size. Nothing is written where there is no
/// ffmpeg: training needs none.
pub(crate) fn write(folder: &Path, step: u64, pairs: &[(&Clip, &Clip)]) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let video = video(pairs)?;
    let path = folder.join(format!("step-{step:07}.mp4"));
    match ffmpeg::encode(&path, &video, RATE) {
        Err(VideoError::MissingTool { .. }) => Ok(()),
        written => written.context("the video of the reconstructions"),
    }
}

/// All pairs in one picture, frame by frame, as long as the shortest clip.
fn video(pairs: &[(&Clip, &Clip)]) -> Result<Clip> {
    let frames = pairs
        .iter()
        .flat_map(|(clip, made)| [clip.frames(), made.frames()]);
    let frames = frames.min().unwrap_or(0);
    let (width, height) = pairs
        .first()
        .map_or((0, 0), |(clip, _)| (clip.width(), clip.height()));
    let line = 3 * width;
    let mut data = Vec::with_capacity(frames * 2 * line * height * pairs.len());
    for index in 0..frames {
        for (clip, made) in pairs {
            let (left, right) = (clip.frame(index), made.frame(index));
            let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
            for (left, right) in left.chunks(line).zip(right.chunks(line)) {
                data.extend_from_slice(left);
                data.extend_from_slice(right);
            }
        }
    }
    Ok(Clip::new(2 * width, height * pairs.len(), data)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconstructions_stand_to_the_right_of_their_clips() {
        let plain = |value: u8, frames: usize| Clip::new(2, 2, vec![value; 12 * frames]).unwrap();
        let clips = [plain(10, 3), plain(20, 3), plain(30, 4), plain(40, 4)];
        let video = video(&[(&clips[0], &clips[1]), (&clips[2], &clips[3])]).unwrap();
        assert_eq!((video.width(), video.height(), video.frames()), (4, 4, 3));
        let frame = video.frame(2).unwrap();
        let pixel = |x: usize, y: usize| frame[(y * 4 + x) * 3];
        assert_eq!(
            [pixel(1, 1), pixel(2, 1), pixel(1, 2), pixel(2, 3)],
            [10, 20, 30, 40]
        );
    }
}
