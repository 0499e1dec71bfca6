//! Which Multi-WT coefficients are kept.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Group, SpatialBand, TemporalPath};

/// A mask over the `32 * C` Multi-WT coefficient channels: `true` is kept, `false` is zeroed.
///
/// One mask serves every sample, position and time index. Source: spec/lcvae.md 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    channels: usize,
    kept: Vec<bool>,
}

/// A mask by rule, independent of the latent's channel count where the rule is.
///
/// Written in model configs as `"paper50"`, `"lowpass50"`, ... or `{"groups": [...]}` /
/// `{"channels": [...]}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum MaskChoice {
    /// Keep everything: no compression.
    #[default]
    None,
    /// Blocks LLL and HLL, the published 25 % list.
    Paper25,
    /// Blocks LLL, HLL, LHL and LLH: the paper's 50 % set.
    Paper50,
    /// All but LHH and HHH, the published 75 % list.
    Paper75,
    /// The soft-edged 50 % lists that the authors trained with; C must be 8, 16 or 32.
    Soft50,
    /// The two slowest paths by sequency.
    Lowpass25,
    /// The four slowest paths by sequency: LLL, LLH, LHH and LHL.
    Lowpass50,
    /// The six slowest paths by sequency.
    Lowpass75,
    /// These groups of C channels (0..32, see [`Group::index`]).
    Groups(Vec<usize>),
    /// These single coefficient channels (0..32*C).
    Channels(Vec<usize>),
}

/// Why a mask cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MaskError {
    /// A group or channel number is out of range.
    #[error("the mask names {what} {index}, but there are only {limit}")]
    OutOfRange {
        /// `"group"` or `"channel"`.
        what: &'static str,
        /// The number given.
        index: usize,
        /// How many there are.
        limit: usize,
    },
    /// The authors published soft masks for 8, 16 and 32 channels only.
    #[error("the soft mask exists for 8, 16 or 32 latent channels, not for {0}")]
    NoSoftMask(usize),
    /// A mask for a latent with another number of channels.
    #[error("the mask is for {mask} coefficient channels, but the latent has {latent}")]
    WrongLength {
        /// Entries of the mask.
        mask: usize,
        /// Coefficient channels of the latent.
        latent: usize,
    },
    /// The transform halves rows and columns, so both must be even.
    #[error("a latent of {height}x{width} cannot be compressed: both sides must be even")]
    OddSize {
        /// Latent rows.
        height: usize,
        /// Latent columns.
        width: usize,
    },
    /// The authors' mask JSON lacks a field or contradicts itself.
    #[error("this is not a mask file: {0}")]
    Malformed(String),
    /// A latent needs at least one channel.
    #[error("a mask needs at least one latent channel")]
    NoChannels,
}

/// Kept channels of each block (in block order) of the authors' soft masks, spec/lcvae.md 4.
const SOFT50: [(usize, [usize; TemporalPath::COUNT]); 3] = [
    (8, [32, 30, 30, 2, 30, 2, 2, 0]),
    (16, [64, 60, 60, 4, 60, 4, 4, 0]),
    (32, [124, 124, 124, 4, 124, 4, 4, 4]),
];

impl MaskChoice {
    /// The mask for a latent of `channels` channels.
    ///
    /// # Errors
    /// If a group or channel is out of range, or the rule does not exist for this channel count.
    pub fn build(&self, channels: usize) -> Result<Mask, MaskError> {
        let slowest = |n: usize| -> Vec<usize> {
            TemporalPath::by_sequency()[..n]
                .iter()
                .map(|p| p.block())
                .collect()
        };
        match self {
            Self::None => Mask::from_blocks(channels, &[0, 1, 2, 3, 4, 5, 6, 7]),
            Self::Paper25 => Mask::from_blocks(channels, &[0, 1]),
            Self::Paper50 => Mask::from_blocks(channels, &[0, 1, 2, 4]),
            Self::Paper75 => Mask::from_blocks(channels, &[0, 1, 2, 3, 4, 5]),
            Self::Lowpass25 => Mask::from_blocks(channels, &slowest(2)),
            Self::Lowpass50 => Mask::from_blocks(channels, &slowest(4)),
            Self::Lowpass75 => Mask::from_blocks(channels, &slowest(6)),
            Self::Soft50 => Mask::soft50(channels),
            Self::Groups(groups) => Mask::from_groups(channels, groups),
            Self::Channels(kept) => Mask::from_channels(channels, kept),
        }
    }

    /// A short name for people.
    pub fn label(&self) -> String {
        match self {
            Self::None => "everything kept".into(),
            Self::Paper25 => "paper 25 %".into(),
            Self::Paper50 => "paper 50 %".into(),
            Self::Paper75 => "paper 75 %".into(),
            Self::Soft50 => "authors' soft 50 %".into(),
            Self::Lowpass25 => "low-pass 25 %".into(),
            Self::Lowpass50 => "low-pass 50 %".into(),
            Self::Lowpass75 => "low-pass 75 %".into(),
            Self::Groups(groups) => format!("{} of {} groups", groups.len(), Group::COUNT),
            Self::Channels(kept) => format!("{} coefficient channels", kept.len()),
        }
    }
}

impl Mask {
    fn empty(channels: usize) -> Result<Self, MaskError> {
        if channels == 0 {
            return Err(MaskError::NoChannels);
        }
        Ok(Self {
            channels,
            kept: vec![false; Group::COUNT * channels],
        })
    }

    /// Keeps whole temporal blocks (each of `4 * channels` coefficient channels).
    fn from_blocks(channels: usize, blocks: &[usize]) -> Result<Self, MaskError> {
        let groups: Vec<usize> = blocks
            .iter()
            .flat_map(|b| (0..SpatialBand::COUNT).map(move |r| b * SpatialBand::COUNT + r))
            .collect();
        Self::from_groups(channels, &groups)
    }

    /// Keeps whole groups of `channels` coefficient channels.
    ///
    /// # Errors
    /// If a group number is 32 or more.
    pub fn from_groups(channels: usize, groups: &[usize]) -> Result<Self, MaskError> {
        let mut mask = Self::empty(channels)?;
        for &index in groups {
            if index >= Group::COUNT {
                return Err(MaskError::OutOfRange {
                    what: "group",
                    index,
                    limit: Group::COUNT,
                });
            }
            mask.kept[index * channels..(index + 1) * channels].fill(true);
        }
        Ok(mask)
    }

    /// Keeps single coefficient channels.
    ///
    /// # Errors
    /// If a channel number is `32 * channels` or more.
    pub fn from_channels(channels: usize, kept: &[usize]) -> Result<Self, MaskError> {
        let mut mask = Self::empty(channels)?;
        let limit = mask.kept.len();
        for &index in kept {
            *mask.kept.get_mut(index).ok_or(MaskError::OutOfRange {
                what: "channel",
                index,
                limit,
            })? = true;
        }
        Ok(mask)
    }

    fn soft50(channels: usize) -> Result<Self, MaskError> {
        let (_, counts) = SOFT50
            .iter()
            .find(|(c, _)| *c == channels)
            .ok_or(MaskError::NoSoftMask(channels))?;
        let block = SpatialBand::COUNT * channels;
        let mut mask = Self::empty(channels)?;
        for (q, count) in counts.iter().enumerate() {
            mask.kept[q * block..q * block + count].fill(true);
        }
        Ok(mask)
    }

    /// Reads the authors' mask JSON for a latent of `channels` channels.
    ///
    /// Unlike the reference, which silently switches to another method, anything that does not
    /// fit is an error (spec/lcvae-notes.md 2.2).
    ///
    /// # Errors
    /// If fields are missing, disagree with each other or do not fit `channels`.
    pub fn from_authors_json(channels: usize, text: &str) -> Result<Self, MaskError> {
        let bad = |why: &str| MaskError::Malformed(why.to_owned());
        let value: Value =
            serde_json::from_str(text).map_err(|e| MaskError::Malformed(e.to_string()))?;
        let fixed = value["fixed_mask"]
            .as_array()
            .ok_or_else(|| bad("no list `fixed_mask`"))?;
        if fixed.len() != Group::COUNT * channels {
            let latent = Group::COUNT * channels;
            return Err(MaskError::WrongLength {
                mask: fixed.len(),
                latent,
            });
        }
        let mut kept = Vec::with_capacity(fixed.len());
        for entry in fixed {
            kept.push(match entry.as_f64() {
                Some(1.0) => true,
                Some(0.0) => false,
                _ => return Err(bad("`fixed_mask` holds something other than 0 and 1")),
            });
        }
        let mask = Self { channels, kept };
        if let Some(listed) = value["selected_indices"].as_array() {
            let listed: Vec<Option<u64>> = listed.iter().map(Value::as_u64).collect();
            let own: Vec<Option<u64>> = mask.indices().iter().map(|&i| Some(i as u64)).collect();
            if listed != own {
                return Err(bad("`selected_indices` and `fixed_mask` disagree"));
            }
        }
        Ok(mask)
    }

    /// Writes the authors' mask JSON.
    pub fn to_authors_json(&self) -> String {
        let fixed: Vec<f32> = self.kept.iter().map(|&k| f32::from(u8::from(k))).collect();
        json!({
            "fixed_mask": fixed,
            "selected_indices": self.indices(),
            "num_channels": self.kept.len(),
            "num_keep": self.kept_count(),
            "keep_ratio": self.keep_ratio(),
            "source_stats_file": "",
        })
        .to_string()
    }

    /// Latent channels C.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// One entry per coefficient channel, `32 * C` of them.
    pub fn kept(&self) -> &[bool] {
        &self.kept
    }

    /// Kept coefficient channels in ascending order: the channels of the compact latent.
    pub fn indices(&self) -> Vec<usize> {
        self.kept
            .iter()
            .enumerate()
            .filter(|(_, k)| **k)
            .map(|(i, _)| i)
            .collect()
    }

    /// How many coefficient channels are kept.
    pub fn kept_count(&self) -> usize {
        self.kept.iter().filter(|k| **k).count()
    }

    /// Share of coefficients kept, 0 to 1.
    pub fn keep_ratio(&self) -> f64 {
        self.kept_count() as f64 / self.kept.len() as f64
    }

    /// Latent channels times keep ratio: the number that the paper's tables call "Chn." for LC-VAE.
    pub fn effective_channels(&self) -> f64 {
        self.channels as f64 * self.keep_ratio()
    }

    /// Whether nothing is zeroed.
    pub fn keeps_everything(&self) -> bool {
        self.kept.iter().all(|k| *k)
    }

    /// Kept channels of each group, in group order.
    pub fn kept_per_group(&self) -> [usize; Group::COUNT] {
        let mut counts = [0; Group::COUNT];
        for (count, group) in counts.iter_mut().zip(self.kept.chunks(self.channels)) {
            *count = group.iter().filter(|k| **k).count();
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_half_is_not_the_slow_half() {
        let paper = MaskChoice::Paper50.build(4).unwrap();
        let lowpass = MaskChoice::Lowpass50.build(4).unwrap();
        assert_eq!(paper.keep_ratio(), 0.5);
        assert_eq!(lowpass.keep_ratio(), 0.5);
        assert_eq!(lowpass.effective_channels(), 2.0);
        let blocks = |m: &Mask| (0..8).filter(|q| m.kept()[q * 16]).collect::<Vec<_>>();
        assert_eq!(blocks(&paper), [0, 1, 2, 4]);
        assert_eq!(blocks(&lowpass), [0, 2, 4, 6]);
    }

    #[test]
    fn authors_json_round_trips_and_refuses_what_does_not_fit() {
        let mask = MaskChoice::Soft50.build(8).unwrap();
        let text = mask.to_authors_json();
        assert_eq!(Mask::from_authors_json(8, &text).unwrap(), mask);
        assert!(matches!(
            Mask::from_authors_json(4, &text),
            Err(MaskError::WrongLength { .. })
        ));
        let broken = text.replacen("\"selected_indices\":[0,", "\"selected_indices\":[1,", 1);
        assert!(matches!(
            Mask::from_authors_json(8, &broken),
            Err(MaskError::Malformed(_))
        ));
        assert!(matches!(
            Mask::from_authors_json(8, "{}"),
            Err(MaskError::Malformed(_))
        ));
    }

    #[test]
    fn choices_are_written_as_configs_write_them() {
        let read = |s: &str| serde_json::from_str::<MaskChoice>(s).unwrap();
        assert_eq!(read("\"paper50\""), MaskChoice::Paper50);
        assert_eq!(read("\"none\""), MaskChoice::None);
        assert_eq!(read("{\"groups\":[0,1]}"), MaskChoice::Groups(vec![0, 1]));
        assert!(serde_json::from_str::<MaskChoice>("\"paper51\"").is_err());
    }

    #[test]
    fn out_of_range_is_refused() {
        let error = MaskChoice::Groups(vec![32]).build(4).unwrap_err();
        assert_eq!(
            error,
            MaskError::OutOfRange {
                what: "group",
                index: 32,
                limit: 32
            }
        );
        assert!(MaskChoice::Channels(vec![128]).build(4).is_err());
        assert_eq!(MaskChoice::Soft50.build(4), Err(MaskError::NoSoftMask(4)));
        assert_eq!(MaskChoice::Paper50.build(0), Err(MaskError::NoChannels));
    }
}
