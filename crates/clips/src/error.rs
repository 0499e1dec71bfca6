//! What can be wrong with frames and clips.

/// A frame or clip that cannot be built as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// A frame without pixels.
    #[error("a frame of {width}x{height} has no pixels; choose at least 1x1")]
    NoPixels {
        /// Columns asked for.
        width: usize,
        /// Rows asked for.
        height: usize,
    },
    /// A buffer that does not fit its size.
    #[error("the buffer holds {found} values where {expected} were expected")]
    Length {
        /// Values that the size needs.
        expected: usize,
        /// Values in the buffer.
        found: usize,
    },
    /// A frame of another size than the clip's.
    #[error("a {found_width}x{found_height} frame does not fit into a {width}x{height} clip")]
    FrameSize {
        /// Columns of the clip.
        width: usize,
        /// Rows of the clip.
        height: usize,
        /// Columns of the frame.
        found_width: usize,
        /// Rows of the frame.
        found_height: usize,
    },
    /// A crop that is larger than what it is taken from.
    #[error("the crop is larger than the picture it is taken from")]
    CropTooLarge,
}

/// Fails for a size without pixels.
pub(crate) fn check_size(width: usize, height: usize) -> Result<(), ClipError> {
    if width == 0 || height == 0 {
        Err(ClipError::NoPixels { width, height })
    } else {
        Ok(())
    }
}

/// Fails unless `found` equals `expected`.
pub(crate) fn check_length(expected: usize, found: usize) -> Result<(), ClipError> {
    if expected == found {
        Ok(())
    } else {
        Err(ClipError::Length { expected, found })
    }
}
