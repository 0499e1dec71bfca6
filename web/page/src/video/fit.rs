//! The size of a clip.

/// How a frame becomes a frame of the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    /// Pixels of the shorter side.
    pub(crate) size: usize,
    /// Whether the clip is square; otherwise it has about the shape of the source.
    pub(crate) square: bool,
}

impl Fit {
    /// Columns and rows of the clip for a source of this size: multiples of 16, at most 2:1.
    pub(crate) fn extent(self, width: f64, height: f64) -> (usize, usize) {
        let short = self.size;
        if self.square {
            return (short, short);
        }
        let aspect = width.max(height) / width.min(height).max(1.0);
        let long = (short as f64 * aspect / 16.0).round() as usize * 16;
        let long = long.clamp(short, 2 * short);
        if width >= height {
            (long, short)
        } else {
            (short, long)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_keep_their_shape_in_steps_of_sixteen() {
        let fit = Fit {
            size: 128,
            square: false,
        };
        assert_eq!(fit.extent(1920.0, 1080.0), (224, 128));
        assert_eq!(fit.extent(1080.0, 1920.0), (128, 224));
        assert_eq!(fit.extent(4000.0, 100.0), (256, 128));
        assert_eq!(
            Fit {
                square: true,
                ..fit
            }
            .extent(1920.0, 1080.0),
            (128, 128)
        );
    }
}
