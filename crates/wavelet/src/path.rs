//! The eight temporal paths of the Multi-WT.

use serde::{Deserialize, Serialize};

use crate::band::SpatialBand;

/// One leaf of the three temporal decisions of the Multi-WT: low or high at stage 1 (the 3-D
/// step), stage 2 and stage 3 (the two temporal steps).
///
/// The three decisions form an 8-point Walsh-Hadamard transform over 8 latent frames, so the
/// letters are *not* ordered by temporal frequency; [`sequency`](Self::sequency) is.
/// Source: LC-VAE supplement; spec/lcvae.md 3.2 and 3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TemporalPath {
    /// High at the first temporal decision, the time axis of the 3-D step.
    pub stage1: bool,
    /// High at the second.
    pub stage2: bool,
    /// High at the third.
    pub stage3: bool,
}

impl TemporalPath {
    /// Number of paths.
    pub const COUNT: usize = 8;

    /// Number of latent frames that one path's pattern spans.
    pub const FRAMES: usize = 8;

    /// Block number `4 * stage3 + 2 * stage2 + stage1`: its place in coefficient order.
    pub fn block(self) -> usize {
        4 * usize::from(self.stage3) + 2 * usize::from(self.stage2) + usize::from(self.stage1)
    }

    /// The path with this block number, if it is below 8.
    pub fn from_block(block: usize) -> Option<Self> {
        (block < Self::COUNT).then_some(Self {
            stage1: block & 1 != 0,
            stage2: block & 2 != 0,
            stage3: block & 4 != 0,
        })
    }

    /// All paths in coefficient order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::from_block)
    }

    /// All paths from the slowest to the fastest change in time.
    pub fn by_sequency() -> [Self; Self::COUNT] {
        let mut paths = [Self {
            stage1: false,
            stage2: false,
            stage3: false,
        }; Self::COUNT];
        for path in Self::all() {
            paths[path.sequency()] = path;
        }
        paths
    }

    /// The sign (+1 or -1) with which latent frame `frame` (0..8) enters this path.
    pub fn sign(self, frame: usize) -> i8 {
        let flips = (usize::from(self.stage1) & frame)
            ^ (usize::from(self.stage2) & (frame >> 1))
            ^ (usize::from(self.stage3) & (frame >> 2));
        if flips & 1 == 0 { 1 } else { -1 }
    }

    /// Sign changes over 8 latent frames, 0 (constant) to 7 (alternating): the path's real
    /// temporal frequency.
    pub fn sequency(self) -> usize {
        (1..Self::FRAMES)
            .filter(|&i| self.sign(i) != self.sign(i - 1))
            .count()
    }

    /// The letters (stage 1, stage 2, stage 3), as the paper writes them.
    pub fn letters(self) -> String {
        crate::letters([self.stage1, self.stage2, self.stage3])
    }
}

/// A temporal path and a spatial band: one of the 32 groups of C coefficient channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// The temporal path.
    pub path: TemporalPath,
    /// The spatial band.
    pub spatial: SpatialBand,
}

impl Group {
    /// Number of groups.
    pub const COUNT: usize = TemporalPath::COUNT * SpatialBand::COUNT;

    /// Group number `4 * block + spatial`: channels `index * C .. (index + 1) * C`.
    pub fn index(self) -> usize {
        SpatialBand::COUNT * self.path.block() + self.spatial.index()
    }

    /// All groups in coefficient order.
    pub fn all() -> impl Iterator<Item = Self> {
        TemporalPath::all()
            .flat_map(|path| SpatialBand::all().map(move |spatial| Self { path, spatial }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequency_follows_sign_changes() {
        let table = [
            ("LLL", 0),
            ("LLH", 1),
            ("LHH", 2),
            ("LHL", 3),
            ("HHL", 4),
            ("HHH", 5),
        ];
        for (letters, changes) in table.into_iter().chain([("HLH", 6), ("HLL", 7)]) {
            let path = TemporalPath::all()
                .find(|p| p.letters() == letters)
                .unwrap();
            assert_eq!(path.sequency(), changes, "{letters}");
            assert_eq!(TemporalPath::by_sequency()[changes], path);
        }
    }

    #[test]
    fn groups_are_numbered_in_coefficient_order() {
        for (i, group) in Group::all().enumerate() {
            assert_eq!(group.index(), i);
        }
        assert_eq!(Group::all().count(), Group::COUNT);
    }
}
