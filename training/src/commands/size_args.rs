//! How much of a video is taken.

use clap::Args;
use clips::video::Part;

/// How much of the video is taken.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct SizeArgs {
    /// Scale the shorter side down to this many pixels.
    #[arg(long)]
    pub(crate) short_side: Option<usize>,
    /// Take at most this many frames.
    #[arg(long)]
    pub(crate) frames: Option<usize>,
}

impl SizeArgs {
    /// What is read of the video.
    pub(crate) fn part(self) -> Part {
        Part {
            short_side: self.short_side,
            frames: self.frames,
            max_fps: None,
        }
    }
}
