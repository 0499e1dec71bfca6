//! Cropping and fitting.

use crate::clip::Clip;
use crate::error::{ClipError, check_size};
use crate::frame::Frame;
use crate::resize::resize;

/// The middle `width x height` pixels (the odd pixel is lost at the bottom right).
///
/// Fails when the crop is empty or larger than the frame.
pub fn centre_crop(frame: &Frame, width: usize, height: usize) -> Result<Frame, ClipError> {
    check_size(width, height)?;
    if width > frame.width() || height > frame.height() {
        return Err(ClipError::CropTooLarge);
    }
    let (left, top) = ((frame.width() - width) / 2, (frame.height() - height) / 2);
    let rows = frame
        .rgb()
        .chunks_exact(frame.width() * 3)
        .skip(top)
        .take(height);
    let rgb = rows
        .flat_map(|row| &row[left * 3..(left + width) * 3])
        .copied()
        .collect();
    Frame::new(width, height, rgb)
}

/// Scales the frame, aspect kept, until it just covers `width x height`, then takes the middle.
///
/// Fails when a side of the new size is zero.
pub fn fit(frame: &Frame, width: usize, height: usize) -> Result<Frame, ClipError> {
    check_size(width, height)?;
    let (cover_width, cover_height) = cover(frame.width(), frame.height(), width, height);
    centre_crop(&resize(frame, cover_width, cover_height)?, width, height)
}

/// [`fit`] on every frame.
pub fn fit_clip(clip: &Clip, width: usize, height: usize) -> Result<Clip, ClipError> {
    clip.map_frames(width, height, |frame| fit(frame, width, height))
}

/// The smallest size with the aspect of `from` that covers `width x height`.
pub(crate) fn cover(
    from_width: usize,
    from_height: usize,
    width: usize,
    height: usize,
) -> (usize, usize) {
    let scaled = |side: usize, to: usize, from: usize| (side * to + from / 2) / from;
    if from_width * height >= from_height * width {
        (scaled(from_width, height, from_height).max(width), height)
    } else {
        (width, scaled(from_height, width, from_width).max(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: usize, height: usize) -> Frame {
        Frame::new(
            width,
            height,
            (0..width * height).flat_map(|i| [i as u8; 3]).collect(),
        )
        .unwrap()
    }

    fn values(frame: &Frame) -> Vec<u8> {
        frame.rgb().chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn the_middle_is_kept() {
        assert_eq!(values(&centre_crop(&numbered(4, 3), 2, 1).unwrap()), [5, 6]);
        assert_eq!(
            values(&centre_crop(&numbered(4, 3), 4, 3).unwrap()).len(),
            12
        );
        assert_eq!(
            centre_crop(&numbered(4, 3), 5, 1),
            Err(ClipError::CropTooLarge)
        );
    }

    #[test]
    fn fitting_covers_the_target_in_both_directions() {
        for (from, to) in [
            ((1920, 1080), (128, 128)),
            ((90, 160), (32, 24)),
            ((3, 500), (64, 32)),
        ] {
            let (width, height) = cover(from.0, from.1, to.0, to.1);
            assert!(width >= to.0 && height >= to.1, "{from:?} {to:?}");
            assert!(width == to.0 || height == to.1, "{from:?} {to:?}");
        }
    }

    #[test]
    fn a_landscape_loses_its_sides() {
        let frame = Frame::new(
            4,
            2,
            [10, 20, 30, 40, 10, 20, 30, 40].map(|v| [v; 3]).concat(),
        )
        .unwrap();
        assert_eq!(values(&fit(&frame, 2, 2).unwrap()), [20, 30, 20, 30]);
    }

    #[test]
    fn every_frame_of_a_clip_is_fitted() {
        let clip = Clip::new(6, 4, vec![9; 6 * 4 * 3 * 2]).unwrap();
        let fitted = fit_clip(&clip, 3, 5).unwrap();
        assert_eq!(
            (fitted.frames(), fitted.width(), fitted.height()),
            (2, 3, 5)
        );
        assert!(fitted.data().iter().all(|&v| v == 9));
    }
}
