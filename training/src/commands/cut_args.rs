//! How clips are cut to size to be measured.

use clap::Args;
use evaluation::{Cut, Scaling};

use super::values::at_least_one;

/// How clips are cut to size.
#[derive(Args, Clone, Debug)]
pub(crate) struct CutArgs {
    /// Side of the centre crop, in pixels.
    #[arg(long, default_value_t = 128, value_parser = at_least_one)]
    pub(crate) size: usize,
    /// Scale the shorter side down to this many pixels before the crop, instead of cropping from
    /// the picture as filmed.
    #[arg(long)]
    pub(crate) short_side: Option<usize>,
    /// How it is scaled.
    #[arg(long, value_enum, default_value_t, requires = "short_side")]
    pub(crate) scaling: Scaling,
    /// Frames taken from the start of each clip.
    #[arg(long, default_value_t = 32, value_parser = at_least_one)]
    pub(crate) frames: usize,
}

impl CutArgs {
    /// The same without the command line.
    pub(crate) fn cut(&self) -> Cut {
        Cut {
            size: self.size,
            short_side: self.short_side,
            scaling: self.scaling,
            frames: self.frames,
        }
    }
}
