//! What can be wrong with the numbers handed in.

/// A slice that does not fit the shape it came with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnalysisError {
    /// A slice is shorter or longer than its shape says.
    #[error("{what} holds {found} values where its shape needs {expected}; pass the whole volume")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Values the shape needs.
        expected: usize,
        /// Values the slice holds.
        found: usize,
    },
    /// A side of the shape is zero.
    #[error("the {0} has a side of zero; measure at least one value a side")]
    Empty(&'static str),
    /// The coefficient channels are not whole bands.
    #[error("{total} coefficient channels do not divide into bands of {channels} channels")]
    Bands {
        /// Channels of the volume, all bands together.
        total: usize,
        /// Channels of one band.
        channels: usize,
    },
}

/// Fails unless `found` equals `expected`.
pub(crate) fn check_length(
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), AnalysisError> {
    if expected == found {
        Ok(())
    } else {
        Err(AnalysisError::Length {
            what,
            expected,
            found,
        })
    }
}
