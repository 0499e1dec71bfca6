//! Which clips make one rFVD.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, bail};

/// Which clips make one distance. The figures of different modes cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FvdMode {
    /// All of them.
    Set,
    /// So many at a time, in their order; the distances are averaged. The last batch may be smaller.
    Batch(usize),
}

impl FromStr for FvdMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "set" {
            return Ok(Self::Set);
        }
        let size = text.strip_prefix("batch:").and_then(|n| n.parse().ok());
        match size {
            Some(size) if size > 0 => Ok(Self::Batch(size)),
            _ => bail!("it must be set, or batch:N with a number of clips, for example batch:10"),
        }
    }
}

impl fmt::Display for FvdMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set => f.write_str("set"),
            Self::Batch(size) => write!(f, "batch:{size}"),
        }
    }
}

impl FvdMode {
    /// The clips of each distance.
    pub(crate) fn batches(self, members: &[usize]) -> std::slice::Chunks<'_, usize> {
        members.chunks(match self {
            Self::Set => members.len().max(1),
            Self::Batch(size) => size,
        })
    }

    /// Whether at least one distance of so many clips has a covariance.
    pub(crate) fn has_covariance(self, clips: usize) -> bool {
        clips > 1 && self != Self::Batch(1)
    }

    /// What a reader of the figures must know about so many clips.
    pub(crate) fn caution(self, clips: usize) -> Option<String> {
        if !self.has_covariance(clips) {
            let clip = "a single clip has no covariance, so";
            let figure = "the squared distance between the logits of clip and reconstruction";
            return Some(format!("rFVD ({self}): {clip} this is only {figure}"));
        }
        let Self::Batch(size) = self else { return None };
        let alone = match clips % size {
            0 => return None,
            1 => ", which has no covariance: of it only the squared distance counts",
            _ => "",
        };
        let last = clips % size;
        Some(format!(
            "rFVD ({self}): clips in the last batch: {last}{alone}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_and_their_cautions_said() {
        let read = |text: &str| text.parse::<FvdMode>();
        for mode in [FvdMode::Set, FvdMode::Batch(10)] {
            assert_eq!(read(&mode.to_string()).unwrap(), mode);
        }
        for wrong in ["batch", "batch:0", "batch:-1", "sets", "10"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let caution = |mode: FvdMode, clips| mode.caution(clips).unwrap_or_default();
        assert!(caution(FvdMode::Set, 1).contains("no covariance, so"));
        assert!(caution(FvdMode::Batch(1), 20).contains("no covariance, so"));
        assert!(caution(FvdMode::Batch(4), 9).contains("last batch: 1, which has no covariance"));
        assert!(caution(FvdMode::Batch(4), 10).ends_with("last batch: 2"));
        assert_eq!(
            caution(FvdMode::Batch(5), 10) + &caution(FvdMode::Set, 2),
            ""
        );
    }
}
