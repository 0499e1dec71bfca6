//! What models are given.

/// What the values of frames are when a model is given them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputRange {
    /// In [-1, 1], what models are trained on.
    Signed,
    /// In [0, 1].
    Unit,
}
