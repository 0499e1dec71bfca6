//! A clip: RGB frames of one size.

use std::ops::Range;

use crate::error::{ClipError, check_size};
use crate::frame::Frame;

/// RGB frames of one size, 8 bits a channel, row by row, `[T, H, W, 3]`. It may have no frames
/// yet, but its frames have pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

/// How long, high and wide a clip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Number of frames.
    pub frames: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Extent {
    /// Samples of the clip, three a pixel.
    pub fn samples(&self) -> usize {
        self.frames * self.height * self.width * 3
    }
}

impl Clip {
    /// A clip of whole frames, `data` being `[T, H, W, 3]`.
    ///
    /// Fails when a side is zero or the data is not a whole number of frames.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Result<Self, ClipError> {
        check_size(width, height)?;
        let frame = width * height * 3;
        if !data.len().is_multiple_of(frame) {
            let expected = data.len().next_multiple_of(frame);
            return Err(ClipError::Length {
                expected,
                found: data.len(),
            });
        }
        Ok(Self {
            width,
            height,
            data,
        })
    }

    /// A clip of frames that are known to be whole and not empty.
    pub(crate) fn from_frames(width: usize, height: usize, data: Vec<u8>) -> Self {
        debug_assert!(width * height > 0 && data.len().is_multiple_of(width * height * 3));
        Self {
            width,
            height,
            data,
        }
    }

    /// A clip without frames, to be filled with [`Clip::push_frame`].
    ///
    /// Fails when a side is zero.
    pub fn empty(width: usize, height: usize) -> Result<Self, ClipError> {
        Self::new(width, height, Vec::new())
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.data.len() / self.frame_len()
    }

    /// Frames, rows and columns.
    pub fn extent(&self) -> Extent {
        Extent {
            frames: self.frames(),
            height: self.height,
            width: self.width,
        }
    }

    /// Samples of one frame, `H * W * 3`.
    pub fn frame_len(&self) -> usize {
        self.width * self.height * 3
    }

    /// The samples, `[T, H, W, 3]`.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The samples, `[T, H, W, 3]`, without a copy.
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// The samples `[H, W, 3]` of frame `index`, or `None` past the end.
    pub fn frame(&self, index: usize) -> Option<&[u8]> {
        self.data.chunks_exact(self.frame_len()).nth(index)
    }

    /// A clip of some consecutive frames; those past the end are left out.
    pub fn part(&self, frames: Range<usize>) -> Self {
        let frame = self.frame_len();
        let [start, end] = [frames.start, frames.end].map(|i| (i * frame).min(self.data.len()));
        Self::from_frames(
            self.width,
            self.height,
            self.data[start..end.max(start)].to_vec(),
        )
    }

    /// The samples `[H, W, 3]` of every frame in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.data.chunks_exact(self.frame_len())
    }

    /// Appends a frame of the clip's own size; [`crate::fit`] makes one of any other.
    pub fn push_frame(&mut self, frame: &Frame) -> Result<(), ClipError> {
        if (frame.width(), frame.height()) != (self.width, self.height) {
            return Err(ClipError::FrameSize {
                width: self.width,
                height: self.height,
                found_width: frame.width(),
                found_height: frame.height(),
            });
        }
        self.data.extend_from_slice(frame.rgb());
        Ok(())
    }

    /// Applies `change` to every frame; the results must all be of the size `width x height`.
    pub(crate) fn map_frames(
        &self,
        width: usize,
        height: usize,
        change: impl Fn(&Frame) -> Result<Frame, ClipError>,
    ) -> Result<Self, ClipError> {
        let mut mapped = Self::empty(width, height)?;
        for rgb in self.iter() {
            mapped.push_frame(&change(&Frame::new(
                self.width,
                self.height,
                rgb.to_vec(),
            )?)?)?;
        }
        Ok(mapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_and_found() {
        let clip = Clip::new(2, 1, (0..18).collect()).unwrap();
        assert_eq!(
            clip.extent(),
            Extent {
                frames: 3,
                height: 1,
                width: 2
            }
        );
        assert_eq!(clip.frame(1), Some(&[6, 7, 8, 9, 10, 11][..]));
        assert_eq!(clip.frame(3), None);
        assert_eq!(clip.iter().len(), 3);
        assert_eq!(clip.part(1..3).data(), &clip.data()[6..]);
        assert_eq!((clip.part(2..9).frames(), clip.part(7..9).frames()), (1, 0));
    }

    #[test]
    fn frames_are_pushed_one_by_one() {
        let mut clip = Clip::empty(1, 1).unwrap();
        assert_eq!(clip.frames(), 0);
        clip.push_frame(&Frame::new(1, 1, vec![1, 2, 3]).unwrap())
            .unwrap();
        clip.push_frame(&Frame::new(1, 1, vec![4, 5, 6]).unwrap())
            .unwrap();
        assert_eq!(clip.data(), [1, 2, 3, 4, 5, 6]);
        let other = Frame::new(2, 1, vec![0; 6]).unwrap();
        assert!(matches!(
            clip.push_frame(&other),
            Err(ClipError::FrameSize { .. })
        ));
        assert_eq!(
            clip.frames(),
            2,
            "a refused frame leaves the clip as it was"
        );
    }

    #[test]
    fn partial_frames_are_refused() {
        let error = Clip::new(2, 2, vec![0; 13]).unwrap_err();
        assert_eq!(
            error,
            ClipError::Length {
                expected: 24,
                found: 13
            }
        );
        assert!(matches!(Clip::empty(0, 4), Err(ClipError::NoPixels { .. })));
    }
}
