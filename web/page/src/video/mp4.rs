//! MP4 and MOV.

use re_mp4::{Mp4, StblBox, StsdBoxContent, TrakBox};
use web_sys::Blob;

use super::error::VideoError;
use super::sparse::{self, SparseFile};
use super::track::{Bytes, Packet, Part, Plan, Rotation, Track};

/// More samples than this are a broken table: a day at 60 frames a second.
const MOST_SAMPLES: u32 = 5_200_000;

/// Finds what of an MP4 file must be decoded.
pub(crate) async fn plan(
    file: &Blob,
    part: Part,
    cancelled: &dyn Fn() -> bool,
) -> Result<Plan, VideoError> {
    let size = file.size() as u64;
    // The parser trusts its tables, so they are looked at before it builds anything from them.
    sparse::parse(file, cancelled, |file| check(file, size)).await??;
    let mp4 = sparse::parse(file, cancelled, |file| Mp4::read(file, size))
        .await?
        .map_err(damaged)?;
    let trak = video_trak(&mp4.moov.traks)?;
    let track = track(trak)?;
    let samples = mp4
        .tracks()
        .get(&trak.tkhd.track_id)
        .map(|track| track.samples.as_slice())
        .unwrap_or_default();
    if samples.is_empty() {
        return Err(VideoError::Damaged("the video track has no frames".into()));
    }
    let packets: Vec<Packet> = samples
        .iter()
        .map(|sample| Packet {
            timestamp: microseconds(sample.composition_timestamp, sample.timescale),
            is_key: sample.is_sync,
            bytes: Bytes::InFile {
                offset: sample.offset,
                length: sample.size,
            },
        })
        .collect();
    let first = packets.iter().map(|packet| packet.timestamp).min().unwrap_or(0);
    Plan::new(track, packets, first, part).ok_or(VideoError::StartTooLate(part.start))
}

fn damaged(error: re_mp4::Error) -> VideoError {
    VideoError::Damaged(error.to_string())
}

fn microseconds(ticks: i64, timescale: u64) -> i64 {
    (ticks as f64 * 1e6 / timescale.max(1) as f64).round() as i64
}

/// Reads the movie header alone and looks whether its tables fit each other.
fn check(mut file: SparseFile, size: u64) -> Result<(), VideoError> {
    use re_mp4::{BoxHeader, BoxType, MoovBox, ReadBox as _, skip_box};
    use std::io::Seek as _;

    while file.stream_position().is_ok_and(|position| position < size) {
        let header = BoxHeader::read(&mut file).map_err(damaged)?;
        if header.size == 0 || header.size > size {
            break;
        }
        if header.name == BoxType::MoovBox {
            let moov = MoovBox::read_box(&mut file, header.size).map_err(damaged)?;
            return if moov.traks.iter().all(|t| is_sound(&t.mdia.minf.stbl)) {
                Ok(())
            } else {
                Err(VideoError::Damaged("its tables contradict each other".into()))
            };
        }
        skip_box(&mut file, header.size).map_err(damaged)?;
    }
    Err(VideoError::Damaged("its header is missing".into()))
}

/// Whether every sample of a track has a size, a time and a place.
fn is_sound(tables: &StblBox) -> bool {
    let sizes = &tables.stsz;
    let count = match sizes.sample_size {
        0 => sizes.sample_sizes.len().max(sizes.sample_count as usize) as u64,
        _ => u64::from(sizes.sample_count),
    };
    if count == 0 {
        return true;
    }
    let sized = sizes.sample_size != 0 || sizes.sample_sizes.len() as u64 == count;
    let timed: u64 = tables.stts.entries.iter().map(|e| u64::from(e.sample_count)).sum();
    let shifted = tables.ctts.as_ref().is_none_or(|ctts| {
        ctts.entries.iter().map(|e| u64::from(e.sample_count)).sum::<u64>() >= count
    });
    let chunks = tables
        .stco
        .as_ref()
        .map(|stco| stco.entries.len())
        .or_else(|| tables.co64.as_ref().map(|co64| co64.entries.len()))
        .unwrap_or(0) as u64;
    count <= u64::from(MOST_SAMPLES) && sized && timed >= count && shifted
        && placed(tables, chunks) >= count
}

/// How many samples the chunks have room for.
fn placed(tables: &StblBox, chunks: u64) -> u64 {
    let runs = &tables.stsc.entries;
    let ends = runs
        .iter()
        .skip(1)
        .map(|run| u64::from(run.first_chunk))
        .chain([chunks + 1]);
    runs.iter()
        .zip(ends)
        .map(|(run, end)| {
            let length = end.min(chunks + 1).saturating_sub(u64::from(run.first_chunk).max(1));
            length.saturating_mul(u64::from(run.samples_per_chunk))
        })
        .fold(0, u64::saturating_add)
}

fn video_trak(traks: &[TrakBox]) -> Result<&TrakBox, VideoError> {
    traks
        .iter()
        .find(|trak| trak.mdia.hdlr.handler_type.to_string() == "vide")
        .ok_or(VideoError::NoPictures)
}

fn track(trak: &TrakBox) -> Result<Track, VideoError> {
    let contents = &trak.mdia.minf.stbl.stsd.contents;
    let (name, description) = match contents {
        StsdBoxContent::Avc1(entry) => ("H.264", Some(entry.avcc.raw.clone())),
        StsdBoxContent::Hvc1(entry) | StsdBoxContent::Hev1(entry) => {
            ("H.265 (HEVC)", Some(entry.hvcc.raw.clone()))
        }
        StsdBoxContent::Av01(_) => ("AV1", None),
        StsdBoxContent::Vp08(_) => ("VP8", None),
        StsdBoxContent::Vp09(_) => ("VP9", None),
        StsdBoxContent::Unknown(code) => {
            return Err(VideoError::Unsupported(format!("its codec “{code}”")));
        }
        StsdBoxContent::Mp4a(_) | StsdBoxContent::Tx3g(_) => return Err(VideoError::NoPictures),
    };
    let codec = contents
        .codec_string()
        .ok_or_else(|| VideoError::Unsupported(name.into()))?;
    let header = &trak.tkhd;
    let (width, height) = (header.width.value().into(), header.height.value().into());
    Ok(Track {
        name: format!("{name} in MP4"),
        codec,
        description,
        display: (width > 0 && height > 0).then_some((width, height)),
        rotation: Rotation::from_matrix(header.matrix.a, header.matrix.b),
    })
}
