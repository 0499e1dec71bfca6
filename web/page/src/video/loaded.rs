//! What reading a file gives, and who follows it.

use clips::Clip;

/// Frames a second where nothing better is known.
pub(crate) const USUAL_RATE: f64 = 25.0;

/// Frames from a file.
pub(crate) struct Loaded {
    pub(crate) clip: Clip,
    /// Columns and rows of the source, upright.
    pub(crate) source: (u32, u32),
    /// Frames a second, on average.
    pub(crate) rate: f64,
    /// When each frame is shown, in microseconds from the first.
    pub(crate) times: Vec<i64>,
    /// Whether the frames may be off by one or repeated.
    pub(crate) approximate: bool,
    /// What it was, for people.
    pub(crate) kind: String,
    /// Something worth knowing about it.
    pub(crate) note: Option<String>,
}

/// Who follows the reading, and may end it.
pub(crate) struct Watch<'a> {
    pub(crate) progress: &'a dyn Fn(usize, usize),
    pub(crate) cancelled: &'a dyn Fn() -> bool,
}
