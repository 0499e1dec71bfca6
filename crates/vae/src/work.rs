//! Where the layers of a backbone work: the positions of their results.

/// Frames, rows and columns of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) frames: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Grid {
    /// Half the rows and columns, and half the frames, rounded up, if `temporal`.
    pub(crate) fn halved(self, temporal: bool) -> Self {
        Self {
            frames: if temporal {
                self.frames.div_ceil(2)
            } else {
                self.frames
            },
            height: self.height / 2,
            width: self.width / 2,
        }
    }

    /// Another number of frames.
    pub(crate) fn with_frames(self, frames: usize) -> Self {
        Self { frames, ..self }
    }

    /// Without the first frame.
    pub(crate) fn behind_first(self) -> Self {
        self.with_frames(self.frames - 1)
    }

    pub(crate) fn positions(self) -> u64 {
        self.frames as u64 * self.in_frame()
    }

    pub(crate) fn in_frame(self) -> u64 {
        self.height as u64 * self.width as u64
    }
}

/// At how many positions a layer works, in encoding and in decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) encode: u64,
    pub(crate) decode: u64,
}

impl Work {
    pub(crate) fn encoding(grid: Grid) -> Self {
        Self {
            encode: grid.positions(),
            decode: 0,
        }
    }

    pub(crate) fn decoding(grid: Grid) -> Self {
        Self {
            encode: 0,
            decode: grid.positions(),
        }
    }
}

/// Full resolution and what is behind each of three samplers.
pub(crate) struct Levels([Grid; 4]);

/// Where the layers of a causal sampler work, by the names that Wan and IV-VAE share.
impl Levels {
    pub(crate) fn new(clip: Grid, temporal: [bool; 3]) -> Self {
        let mut level = clip;
        let below = temporal.map(|temporal| {
            level = level.halved(temporal);
            level
        });
        let [first, second, latent] = below;
        Self([clip, first, second, latent])
    }

    pub(crate) fn at(&self, level: usize) -> Grid {
        self.0[level.min(3)]
    }

    pub(crate) fn latent(&self) -> Grid {
        self.at(3)
    }

    /// The results of a layer of the down-sampler behind a level: frames are halved last.
    pub(crate) fn down(&self, level: usize, layer: &str) -> Grid {
        let below = self.at(level + 1);
        if layer == "time_conv" {
            below.behind_first()
        } else {
            below.with_frames(self.at(level).frames)
        }
    }

    /// The results of a layer of the up-sampler from a level: frames are doubled first.
    pub(crate) fn up(&self, level: usize, layer: &str) -> Grid {
        if layer == "time_conv" {
            self.at(level).behind_first()
        } else {
            self.at(level.saturating_sub(1))
        }
    }
}
