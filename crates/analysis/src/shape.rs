//! The shapes of what is measured.

use crate::error::{AnalysisError, check_length};

/// Shape of a clip of RGB frames, channels last: `[frames, height, width, 3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameShape {
    /// Number of frames.
    pub frames: usize,
    /// Rows of a frame.
    pub height: usize,
    /// Columns of a frame.
    pub width: usize,
}

impl FrameShape {
    /// Samples in one frame, three a pixel.
    pub fn frame_len(&self) -> usize {
        self.height * self.width * 3
    }
}

/// Shape of a coefficient volume, band-major: `[channels, frames, height, width]` where band `b`
/// of `C` latent channels owns the channels `b * C .. (b + 1) * C`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoefficientShape {
    /// Channels of all bands together, `bands * C`.
    pub channels: usize,
    /// Band frames.
    pub frames: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl CoefficientShape {
    /// Coefficients in one frame of one channel.
    pub(crate) fn plane(&self) -> usize {
        self.height * self.width
    }

    /// Maps every channel's `[frames, height, width]` slice to a number, grouped
    /// `[band][latent channel]`.
    pub(crate) fn map_channels<T>(
        &self,
        coefficients: &[f32],
        latent_channels: usize,
        measure: impl Fn(&[f32]) -> T,
    ) -> Result<Vec<Vec<T>>, AnalysisError> {
        let volume = self.frames * self.plane();
        if volume == 0 || self.channels == 0 {
            return Err(AnalysisError::Empty("coefficient volume"));
        }
        if latent_channels == 0 || !self.channels.is_multiple_of(latent_channels) {
            return Err(AnalysisError::Bands {
                total: self.channels,
                channels: latent_channels,
            });
        }
        check_length(
            "the coefficient volume",
            self.channels * volume,
            coefficients.len(),
        )?;
        let bands = coefficients.chunks_exact(latent_channels * volume);
        Ok(bands
            .map(|band| band.chunks_exact(volume).map(&measure).collect())
            .collect())
    }
}
