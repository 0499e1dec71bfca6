//! Padding up to what a model accepts, and cutting back afterwards.

use crate::clip::{Clip, Extent};
use crate::error::{ClipError, check_length};

/// Repeats the last column and row until both sides are multiples of `multiple` (one at least);
/// [`cut`] with the clip's former [`Extent`] undoes it.
pub fn pad_to_multiple(clip: &Clip, multiple: usize) -> Result<Clip, ClipError> {
    let multiple = multiple.max(1);
    let (width, height) = (
        clip.width().next_multiple_of(multiple),
        clip.height().next_multiple_of(multiple),
    );
    let mut data = Vec::with_capacity(width * height * 3 * clip.frames());
    for frame in clip.iter() {
        let rows = (0..height).map(|y| row(frame, clip.width(), y.min(clip.height() - 1)));
        for row in rows {
            data.extend_from_slice(row);
            let edge = &row[row.len() - 3..];
            (clip.width()..width).for_each(|_| data.extend_from_slice(edge));
        }
    }
    Clip::new(width, height, data)
}

/// Repeats the last frame until the clip has at least `frames`; a clip without frames stays so.
pub fn pad_frames(clip: &Clip, frames: usize) -> Result<Clip, ClipError> {
    let mut data = clip.data().to_vec();
    if let Some(last) = clip.iter().next_back() {
        (clip.frames()..frames).for_each(|_| data.extend_from_slice(last));
    }
    Clip::new(clip.width(), clip.height(), data)
}

/// The first frames, rows and columns of a clip.
///
/// Fails when the extent is larger than the clip or without pixels.
pub fn cut(clip: &Clip, extent: Extent) -> Result<Clip, ClipError> {
    let whole = clip.extent();
    if extent.frames > whole.frames || extent.height > whole.height || extent.width > whole.width {
        return Err(ClipError::CropTooLarge);
    }
    let mut data = Vec::with_capacity(extent.samples());
    for frame in clip.iter().take(extent.frames) {
        for y in 0..extent.height {
            data.extend_from_slice(&row(frame, clip.width(), y)[..extent.width * 3]);
        }
    }
    check_length(extent.samples(), data.len())?;
    Clip::new(extent.width, extent.height, data)
}

fn row(frame: &[u8], width: usize, y: usize) -> &[u8] {
    &frame[y * width * 3..(y + 1) * width * 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: usize, height: usize, frames: usize) -> Clip {
        let data = (0..width * height * frames)
            .flat_map(|i| [i as u8; 3])
            .collect();
        Clip::new(width, height, data).unwrap()
    }

    #[test]
    fn edges_are_repeated() {
        let padded = pad_to_multiple(&numbered(3, 2, 1), 4).unwrap();
        let values: Vec<u8> = padded
            .data()
            .chunks_exact(3)
            .map(|pixel| pixel[0])
            .collect();
        assert_eq!(values, [0, 1, 2, 2, 3, 4, 5, 5, 3, 4, 5, 5, 3, 4, 5, 5]);
    }

    #[test]
    fn the_last_frame_is_repeated() {
        let padded = pad_frames(&numbered(2, 2, 2), 4).unwrap();
        assert_eq!(padded.frames(), 4);
        assert_eq!(padded.frame(3), padded.frame(1));
        assert_ne!(padded.frame(1), padded.frame(0));
        assert_eq!(pad_frames(&numbered(2, 2, 3), 2).unwrap().frames(), 3);
        assert_eq!(
            pad_frames(&Clip::empty(2, 2).unwrap(), 2).unwrap().frames(),
            0
        );
    }

    #[test]
    fn cutting_undoes_padding() {
        let clip = numbered(5, 3, 3);
        let padded = pad_frames(&pad_to_multiple(&clip, 8).unwrap(), 9).unwrap();
        assert_eq!(
            padded.extent(),
            Extent {
                frames: 9,
                height: 8,
                width: 8
            }
        );
        assert_eq!(cut(&padded, clip.extent()).unwrap(), clip);
        assert_eq!(cut(&clip, padded.extent()), Err(ClipError::CropTooLarge));
    }
}
