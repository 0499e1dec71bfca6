//! Coded frames as a WebM file.
//!
//! WebM is Matroska (RFC 9559) with few codecs. The crates that write it wrap a C++ library or
//! leave most of the work to their caller, and one video track takes little: a head, what the file
//! holds, an index, and clusters of frames. All of it is in memory, so the index stands at the
//! front and nothing is patched afterwards.

mod ebml;
#[cfg(test)]
mod tests;

use ebml::{binary, float, master, text, unsigned, unsigned_wide};

/// A codec of a WebM file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Vp9,
    Vp8,
}

impl Codec {
    /// For people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Vp9 => "VP9",
            Self::Vp8 => "VP8",
        }
    }

    /// For Matroska.
    const fn id(self) -> &'static str {
        match self {
            Self::Vp9 => "V_VP9",
            Self::Vp8 => "V_VP8",
        }
    }
}

/// A coded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodedFrame {
    /// When it is shown, in microseconds from the start of the file.
    pub(crate) time: i64,
    pub(crate) is_key: bool,
    pub(crate) bytes: Vec<u8>,
}

/// A video track, and what a file says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track<'a> {
    pub(crate) codec: Codec,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// In the order in which they are shown, the first one a key frame.
    pub(crate) frames: &'a [CodedFrame],
    /// When the last frame ends, in microseconds.
    pub(crate) end: i64,
    /// Frames a second, where their times are even.
    pub(crate) rate: Option<f64>,
}

/// Nanoseconds in a tick. WebM recommends milliseconds, and players rely on it.
const TICK: u64 = 1_000_000;
/// A block's time is counted from its cluster's in 16 bits with a sign (RFC 9559, 10.2).
const LONGEST_CLUSTER: i64 = i16::MAX as i64;
const TRACK_NUMBER: u8 = 1;

/// The file, whole.
pub(crate) fn write(track: &Track<'_>) -> Vec<u8> {
    let head = [info(track), tracks(track)].concat();
    let groups = clusters(track.frames);
    let (starts, bodies): (Vec<_>, Vec<_>) = groups
        .iter()
        .map(|frames| (ticks(frames[0].time), cluster(frames)))
        .unzip();
    // An index is as long wherever it points to.
    let mut place = head.len() + cues(&starts, &vec![0; starts.len()]).len();
    let mut places = Vec::with_capacity(bodies.len());
    for body in &bodies {
        places.push(place as u64);
        place += body.len();
    }
    let index = cues(&starts, &places);
    let segment = master(0x1853_8067, &[head, index, bodies.concat()]);
    [file_head(), segment].concat()
}

/// RFC 8794, 11.2, and RFC 9559, 4.3 and 7: some elements are of version 4, and a reader of version 2
/// can do without them.
fn file_head() -> Vec<u8> {
    master(
        0x1a45_dfa3,
        &[
            unsigned(0x4286, 1),
            unsigned(0x42f7, 1),
            unsigned(0x42f2, 4),
            unsigned(0x42f3, 8),
            text(0x4282, "webm"),
            unsigned(0x4287, 4),
            unsigned(0x4285, 2),
        ],
    )
}

/// Tick and duration (RFC 9559, 5.1.2).
fn info(track: &Track<'_>) -> Vec<u8> {
    let name = concat!("lc-vae ", env!("CARGO_PKG_VERSION"));
    master(
        0x1549_a966,
        &[
            unsigned(0x2a_d7b1, TICK),
            float(0x4489, track.end as f64 * 1e3 / TICK as f64),
            text(0x4d80, name),
            text(0x5741, name),
        ],
    )
}

/// The one track (RFC 9559, 5.1.4): number and identity 1, video, no lacing, no language.
fn tracks(track: &Track<'_>) -> Vec<u8> {
    let mut entry = vec![
        unsigned(0xd7, TRACK_NUMBER.into()),
        unsigned(0x73c5, 1),
        unsigned(0x83, 1),
        unsigned(0x9c, 0),
        text(0x22_b59c, "und"),
        text(0x86, track.codec.id()),
    ];
    if let Some(rate) = track.rate {
        entry.push(unsigned(0x23_e383, (1e9 / rate).round() as u64));
    }
    entry.push(video(track.width, track.height));
    master(0x1654_ae6b, &[master(0xae, &entry)])
}

/// Size and colours (RFC 9559, 5.1.4.1.28): what [`super::i420`] makes. Matrix BT.601, limited
/// range, colour samples in the middle of their four pixels, and the primaries and transfer of
/// BT.709, which browsers show as sRGB.
fn video(width: usize, height: usize) -> Vec<u8> {
    let colour = [
        unsigned(0x55b1, 6),
        unsigned(0x55b7, 2),
        unsigned(0x55b8, 2),
        unsigned(0x55b9, 1),
        unsigned(0x55ba, 1),
        unsigned(0x55bb, 1),
    ];
    master(
        0xe0,
        &[
            unsigned(0xb0, width as u64),
            unsigned(0xba, height as u64),
            master(0x55b0, &colour),
        ],
    )
}

/// Which cluster begins when, and where, counted from the segment's first element
/// (RFC 9559, 5.1.5 and 16).
fn cues(starts: &[i64], places: &[u64]) -> Vec<u8> {
    let points: Vec<_> = starts
        .iter()
        .zip(places)
        .map(|(start, place)| {
            let position = [
                unsigned(0xf7, TRACK_NUMBER.into()),
                unsigned_wide(0xf1, *place),
            ];
            master(
                0xbb,
                &[unsigned(0xb3, *start as u64), master(0xb7, &position)],
            )
        })
        .collect();
    master(0x1c53_bb6b, &points)
}

/// Frames by cluster: from one key frame to the next, unless that is too long.
fn clusters(frames: &[CodedFrame]) -> Vec<&[CodedFrame]> {
    let mut clusters = Vec::new();
    let mut rest = frames;
    while let [first, others @ ..] = rest {
        let ends = |frame: &CodedFrame| {
            frame.is_key || ticks(frame.time) - ticks(first.time) > LONGEST_CLUSTER
        };
        let length = 1 + others.iter().take_while(|frame| !ends(frame)).count();
        let (cluster, next) = rest.split_at(length);
        clusters.push(cluster);
        rest = next;
    }
    clusters
}

/// A cluster of simple blocks, none of them laced (RFC 9559, 5.1.3 and 10.2).
fn cluster(frames: &[CodedFrame]) -> Vec<u8> {
    let start = ticks(frames[0].time);
    let blocks = frames.iter().map(|frame| {
        let time = (ticks(frame.time) - start) as i16;
        let mut block = vec![0x80 | TRACK_NUMBER];
        block.extend(time.to_be_bytes());
        block.push(if frame.is_key { 0x80 } else { 0 });
        block.extend_from_slice(&frame.bytes);
        binary(0xa3, &block)
    });
    let children: Vec<_> = [unsigned(0xe7, start as u64)]
        .into_iter()
        .chain(blocks)
        .collect();
    master(0x1f43_b675, &children)
}

fn ticks(microseconds: i64) -> i64 {
    (microseconds as f64 * 1e3 / TICK as f64).round() as i64
}
