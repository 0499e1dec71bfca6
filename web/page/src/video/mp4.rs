//! MP4 and MOV.

use re_mp4::{Mp4, StsdBoxContent, TrakBox};
use web_sys::Blob;

use super::codec_names;
use super::error::VideoError;
use super::sparse::{self, SparseFile};
use super::tables::is_sound;
use super::track::{Bytes, Matrix, Packet, Part, Plan, Rotation, Track};

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
    let first = packets
        .iter()
        .map(|packet| packet.timestamp)
        .min()
        .unwrap_or(0);
    Plan::new(track, packets, first, part).ok_or(VideoError::StartTooLate(part.start))
}

fn damaged(error: re_mp4::Error) -> VideoError {
    VideoError::Damaged(error.to_string())
}

fn microseconds(ticks: i64, timescale: u64) -> i64 {
    (ticks as f64 * 1e6 / timescale.max(1) as f64).round() as i64
}

/// Reads the movie header alone and looks whether there is a track for us, and whether the tables
/// fit each other.
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
            track(video_trak(&moov.traks)?)?;
            return if moov.traks.iter().all(|t| is_sound(&t.mdia.minf.stbl)) {
                Ok(())
            } else {
                Err(VideoError::Damaged(
                    "its tables contradict each other".into(),
                ))
            };
        }
        skip_box(&mut file, header.size).map_err(damaged)?;
    }
    Err(VideoError::Damaged("its header is missing".into()))
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
            return Err(VideoError::Unsupported(codec_names::plain(
                &code.to_string(),
            )));
        }
        StsdBoxContent::Mp4a(_) | StsdBoxContent::Tx3g(_) => return Err(VideoError::NoPictures),
    };
    let codec = contents
        .codec_string()
        .ok_or_else(|| VideoError::Unsupported(name.into()))?;
    let header = &trak.tkhd;
    let (width, height): (u32, u32) = (header.width.value().into(), header.height.value().into());
    Ok(Track {
        name: format!("{name} in MP4"),
        codec,
        description,
        matrix: Some(Matrix::by_size(width.into(), height.into())),
        display: (width > 0 && height > 0).then_some((width, height)),
        rotation: Rotation::from_matrix(header.matrix.a, header.matrix.b),
    })
}
