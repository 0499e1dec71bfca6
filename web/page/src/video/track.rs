//! What a container says about its video, whichever container it is.

/// Quarter turns, clockwise, that a picture needs to stand upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rotation {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

impl Rotation {
    /// From the first row of a display matrix (only the signs matter).
    pub(crate) fn from_matrix(a: i32, b: i32) -> Self {
        match (a.signum(), b.signum()) {
            (0, 1) => Self::Quarter,
            (-1, 0) => Self::Half,
            (0, -1) => Self::ThreeQuarters,
            _ => Self::None,
        }
    }

    /// Clockwise, in radians.
    pub(crate) fn radians(self) -> f64 {
        std::f64::consts::FRAC_PI_2 * f64::from(self as u8)
    }

    /// Whether width and height change places.
    pub(crate) fn is_sideways(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }
}

/// How a picture's planes become RGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matrix {
    Bt601,
    Bt709,
}

impl Matrix {
    /// The custom for pictures that say nothing: BT.709 from 720 rows on.
    pub(crate) fn by_size(width: u64, height: u64) -> Self {
        if width.min(height) < 720 {
            Self::Bt601
        } else {
            Self::Bt709
        }
    }
}

/// How to set up a decoder.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    /// For people, for example `"H.264"`.
    pub(crate) name: String,
    /// For WebCodecs, for example `"avc1.64001f"`.
    pub(crate) codec: String,
    /// The codec's own header, where it has one outside its packets.
    pub(crate) description: Option<Vec<u8>>,
    /// Columns and rows as shown, before rotation.
    pub(crate) display: Option<(u32, u32)>,
    /// What the container says of its colours or, where it is silent, what its size says. What the
    /// coded stream says goes before this.
    pub(crate) matrix: Option<Matrix>,
    pub(crate) rotation: Rotation,
}

/// Where a packet's bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    InFile { offset: u64, length: u64 },
    Here(Vec<u8>),
}

/// A coded frame.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// When it is shown, in microseconds from the first frame.
    pub(crate) timestamp: i64,
    pub(crate) is_key: bool,
    pub(crate) bytes: Bytes,
}

/// The packets that must be decoded to see the frames asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) track: Track,
    /// In decoding order, the first one a key frame.
    pub(crate) packets: Vec<Packet>,
    /// Timestamps of the frames asked for, ascending.
    pub(crate) wanted: Vec<i64>,
}

/// Which part of a video is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    /// Seconds to skip.
    pub(crate) start: f64,
    /// Frames to read.
    pub(crate) frames: usize,
}

/// Later packets can be shown earlier; no codec reorders over more than this many.
pub(crate) const REORDER: usize = 16;

impl Plan {
    /// Keeps of a track's packets what the part needs; `None` if it starts after the last frame.
    /// `first` is the time of the track's first frame.
    pub(crate) fn new(
        track: Track,
        mut packets: Vec<Packet>,
        first: i64,
        part: Part,
    ) -> Option<Self> {
        for packet in &mut packets {
            packet.timestamp -= first;
        }
        let start = (part.start * 1e6).round() as i64;
        let mut wanted: Vec<i64> = packets
            .iter()
            .map(|packet| packet.timestamp)
            .filter(|&timestamp| timestamp >= start)
            .collect();
        wanted.sort_unstable();
        wanted.truncate(part.frames);
        let (&from, &to) = (wanted.first()?, wanted.last()?);
        let begin = packets
            .iter()
            .rposition(|packet| packet.is_key && packet.timestamp <= from)
            .unwrap_or(0);
        let end = packets
            .iter()
            .rposition(|packet| (from..=to).contains(&packet.timestamp))?;
        packets.truncate(end + 1);
        packets.drain(..begin.min(end));
        Some(Self {
            track,
            packets,
            wanted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(timestamp: i64, is_key: bool) -> Packet {
        Packet {
            timestamp,
            is_key,
            bytes: Bytes::Here(Vec::new()),
        }
    }

    fn plan(packets: Vec<Packet>, start: f64, frames: usize) -> Option<Plan> {
        let track = Track {
            name: String::new(),
            codec: String::new(),
            description: None,
            display: None,
            matrix: None,
            rotation: Rotation::None,
        };
        let first = packets.iter().map(|packet| packet.timestamp).min().unwrap();
        Plan::new(track, packets, first, Part { start, frames })
    }

    #[test]
    fn reordered_packets_are_wanted_in_presentation_order() {
        let packets = [(100, true), (400, false), (200, false), (300, false)];
        let packets = packets.map(|(t, key)| packet(t, key)).to_vec();
        let plan = plan(packets, 0.0, 3).unwrap();
        assert_eq!(plan.wanted, [0, 100, 200]);
        assert_eq!(plan.packets.len(), 4, "the last packet is shown third");
    }

    #[test]
    fn decoding_starts_at_the_key_frame_before_the_start() {
        let packets = (0..10).map(|i| packet(i * 1_000_000, i % 4 == 0)).collect();
        let plan = plan(packets, 6.0, 2).unwrap();
        assert_eq!(plan.wanted, [6_000_000, 7_000_000]);
        assert_eq!(plan.packets.first().unwrap().timestamp, 4_000_000);
        assert_eq!(plan.packets.last().unwrap().timestamp, 7_000_000);
    }

    #[test]
    fn a_start_after_the_end_gives_nothing() {
        assert!(plan(vec![packet(0, true)], 1.0, 8).is_none());
    }

    #[test]
    fn display_matrices_turn_pictures() {
        assert_eq!(Rotation::from_matrix(0, 65536), Rotation::Quarter);
        assert_eq!(Rotation::from_matrix(-65536, 0), Rotation::Half);
        assert_eq!(Rotation::from_matrix(0, -65536), Rotation::ThreeQuarters);
        assert_eq!(Rotation::from_matrix(65536, 0), Rotation::None);
    }
}
