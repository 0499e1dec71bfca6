//! One RGB picture.

use crate::error::{ClipError, check_length, check_size};

/// One RGB picture, 8 bits a channel, row by row, `[H, W, 3]`; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Frame {
    /// A frame of `width * height * 3` RGB samples.
    ///
    /// Fails when a side is zero or the buffer is of another length.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, ClipError> {
        check_size(width, height)?;
        check_length(width * height * 3, rgb.len())?;
        Ok(Self { width, height, rgb })
    }

    /// A frame from `width * height * 4` RGBA samples (alpha not premultiplied), laid over black.
    ///
    /// Fails when a side is zero or the buffer is of another length.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self, ClipError> {
        check_size(width, height)?;
        check_length(width * height * 4, rgba.len())?;
        let over_black =
            |value: u8, alpha: u8| ((u16::from(value) * u16::from(alpha) + 127) / 255) as u8;
        let mut rgb = Vec::with_capacity(width * height * 3);
        for pixel in rgba.chunks_exact(4) {
            rgb.extend(pixel[..3].iter().map(|&value| over_black(value, pixel[3])));
        }
        Ok(Self { width, height, rgb })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The samples, `[H, W, 3]`.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The samples, `[H, W, 3]`, without a copy.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_pixels_keep_their_colour() {
        let rgba: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, 7, 255]).collect();
        let frame = Frame::from_rgba(16, 16, &rgba).unwrap();
        let expected: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, 7]).collect();
        assert_eq!(frame.rgb(), expected);
    }

    #[test]
    fn transparent_pixels_are_black() {
        let frame = Frame::from_rgba(2, 1, &[200, 100, 50, 0, 200, 100, 50, 128]).unwrap();
        assert_eq!(frame.rgb(), [0, 0, 0, 100, 50, 25]);
    }

    #[test]
    fn misfits_are_refused() {
        assert!(matches!(
            Frame::new(0, 2, vec![]),
            Err(ClipError::NoPixels { .. })
        ));
        assert!(matches!(
            Frame::new(1, 2, vec![0; 5]),
            Err(ClipError::Length { .. })
        ));
        assert!(matches!(
            Frame::from_rgba(1, 1, &[0; 3]),
            Err(ClipError::Length { .. })
        ));
    }
}
