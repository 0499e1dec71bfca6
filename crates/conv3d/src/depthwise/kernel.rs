//! The extent of the kernels.

/// Numbers of a kernel.
pub(super) const TAPS: usize = 27;
/// Its reach along each axis.
pub(super) const REACH: usize = 3;
