//! The eight spatio-temporal subbands of one 3-D Haar step.

use serde::{Deserialize, Serialize};

/// One subband of a single 3-D Haar step: a low or high decision for time, height and width.
///
/// Its letters are read (time, height, width). It shares them with [`TemporalPath`], which is a
/// different thing: a path makes three decisions in *time*.
///
/// [`TemporalPath`]: crate::TemporalPath
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpatioTemporalBand {
    /// High frequency in time.
    pub time: bool,
    /// High frequency in height.
    pub height: bool,
    /// High frequency in width.
    pub width: bool,
}

impl SpatioTemporalBand {
    /// Number of bands.
    pub const COUNT: usize = 8;

    /// Band number `4 * time + 2 * height + width`, its place in band-major channel order.
    pub fn index(self) -> usize {
        4 * usize::from(self.time) + 2 * usize::from(self.height) + usize::from(self.width)
    }

    /// The band with this number, if it is below 8.
    pub fn from_index(index: usize) -> Option<Self> {
        (index < Self::COUNT).then_some(Self {
            time: index & 4 != 0,
            height: index & 2 != 0,
            width: index & 1 != 0,
        })
    }

    /// All bands in channel order: LLL, LLH, LHL, LHH, HLL, HLH, HHL, HHH.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::from_index)
    }

    /// The letters (time, height, width), for example `"LHL"`.
    pub fn letters(self) -> String {
        crate::letters([self.time, self.height, self.width])
    }
}

/// The four spatial subbands of one step, in the order of 3-D channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpatialBand {
    /// High frequency in height.
    pub height: bool,
    /// High frequency in width.
    pub width: bool,
}

impl SpatialBand {
    /// Number of spatial bands.
    pub const COUNT: usize = 4;

    /// Band number `2 * height + width`.
    pub fn index(self) -> usize {
        2 * usize::from(self.height) + usize::from(self.width)
    }

    /// All bands in channel order: LL, LH (width-high), HL (height-high), HH.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|i| Self {
            height: i & 2 != 0,
            width: i & 1 != 0,
        })
    }

    /// The letters (height, width), for example `"LH"` for width-high.
    pub fn letters(self) -> String {
        crate::letters([self.height, self.width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_letters_agree_with_the_checkpoint_order() {
        let names: Vec<String> = SpatioTemporalBand::all().map(|b| b.letters()).collect();
        assert_eq!(
            names,
            ["LLL", "LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH"]
        );
        for (i, band) in SpatioTemporalBand::all().enumerate() {
            assert_eq!(band.index(), i);
        }
        assert!(SpatioTemporalBand::from_index(8).is_none());
    }
}
