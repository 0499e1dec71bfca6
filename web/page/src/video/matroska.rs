//! WebM and MKV.

use matroska_demuxer::{
    Colour, ContentCompAlgo, ContentEncodingValue, DemuxError, DisplayUnit, Frame,
    MatrixCoefficients, MatroskaFile, TrackEntry, TrackType, Video,
};
use web_sys::Blob;

use super::codec_names::{av1, vp9};
use super::error::VideoError;
use super::sparse::{self, SparseFile};
use super::track::{Bytes, Matrix, Packet, Part, Plan, REORDER, Rotation, Track};

/// Finds what of a WebM or MKV file must be decoded.
pub(crate) async fn plan(
    file: &Blob,
    part: Part,
    cancelled: &dyn Fn() -> bool,
) -> Result<Plan, VideoError> {
    sparse::parse(file, cancelled, |file| read(file, part)).await?
}

/// Nanoseconds before the start at which reading begins, to find a key frame.
const LEAD: f64 = 10e9;

fn read(file: SparseFile, part: Part) -> Result<Plan, VideoError> {
    let mut file = MatroskaFile::open(file).map_err(damaged)?;
    let entry = file
        .tracks()
        .iter()
        .find(|entry| entry.track_type() == TrackType::Video)
        .cloned()
        .ok_or(VideoError::NoPictures)?;
    let mut reader = Reader {
        number: entry.track_number().get(),
        prefix: stripped_header(&entry)?,
        scale: file.info().timestamp_scale().get() as f64,
        file: &mut file,
    };
    let first = reader
        .next()?
        .ok_or_else(|| VideoError::Damaged("the video track has no frames".into()))?;
    let track = track(&entry, &first)?;
    let start_of_track = first.timestamp;
    let packets = reader.packets(first, part)?;
    Plan::new(track, packets, start_of_track, part).ok_or(VideoError::StartTooLate(part.start))
}

/// Reads the packets of one track.
struct Reader<'a> {
    file: &'a mut MatroskaFile<SparseFile>,
    number: u64,
    prefix: &'a [u8],
    /// Nanoseconds in a tick.
    scale: f64,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<Packet>, VideoError> {
        let mut frame = Frame::default();
        while self.file.next_frame(&mut frame).map_err(damaged)? {
            if frame.track == self.number {
                return Ok(Some(Packet {
                    timestamp: (frame.timestamp as f64 * self.scale / 1e3).round() as i64,
                    // Unknown means a block group, which muxers use for last frames.
                    is_key: frame.is_keyframe.unwrap_or(false),
                    bytes: Bytes::Here([self.prefix, &frame.data].concat()),
                }));
            }
            frame.duration = None;
        }
        Ok(None)
    }

    /// The packets from the last key frame before the part to its end, and a few more.
    fn packets(&mut self, mut first: Packet, part: Part) -> Result<Vec<Packet>, VideoError> {
        let start = first.timestamp + (part.start * 1e6) as i64;
        first.is_key = true;
        let mut packets = vec![first];
        let begin = (part.start * 1e9 - LEAD) / self.scale;
        if begin > 0.0 {
            // A file without an index is read from its beginning instead.
            if self.file.seek(begin as u64).is_ok() {
                packets.clear();
            }
        }
        let mut seen = packets
            .iter()
            .filter(|packet| packet.timestamp >= start)
            .count();
        while seen < part.frames + REORDER {
            // A file that was cut off still has its beginning.
            let Ok(Some(packet)) = self.next() else {
                break;
            };
            if packet.is_key && packet.timestamp <= start {
                packets.clear();
            }
            seen += usize::from(packet.timestamp >= start);
            if packet.is_key || !packets.is_empty() {
                packets.push(packet);
            }
        }
        Ok(packets)
    }
}

fn damaged(error: DemuxError) -> VideoError {
    VideoError::Damaged(error.to_string())
}

/// The bytes that the file leaves out of every packet.
fn stripped_header(entry: &TrackEntry) -> Result<&[u8], VideoError> {
    let Some([encoding, ..]) = entry.content_encodings() else {
        return Ok(&[]);
    };
    match encoding.encoding() {
        ContentEncodingValue::Compression(compression)
            if matches!(compression.algo(), ContentCompAlgo::Stripping) =>
        {
            Ok(compression.settings().unwrap_or(&[]))
        }
        _ => Err(VideoError::Unsupported(
            "compressed or encrypted Matroska tracks".into(),
        )),
    }
}

fn track(entry: &TrackEntry, first: &Packet) -> Result<Track, VideoError> {
    let private = entry.codec_private();
    let Bytes::Here(bytes) = &first.bytes else {
        return Err(VideoError::NoPictures);
    };
    let (name, codec, description) = match (entry.codec_id(), private) {
        ("V_VP8", _) => ("VP8", "vp8".into(), None),
        ("V_VP9", _) => ("VP9", vp9(bytes), None),
        ("V_AV1", Some([_, profile, rest, ..])) => ("AV1", av1(*profile, *rest), None),
        ("V_MPEG4/ISO/AVC", Some(private @ [_, profile, constraints, level, ..])) => (
            "H.264",
            format!("avc1.{profile:02X}{constraints:02X}{level:02X}"),
            Some(private.to_vec()),
        ),
        (other, _) => {
            let name = other.strip_prefix("V_").unwrap_or(other);
            return Err(VideoError::Unsupported(format!("its codec “{name}”")));
        }
    };
    Ok(Track {
        name: format!("{name} in Matroska"),
        codec,
        description,
        display: display(entry),
        matrix: entry.video().and_then(matrix),
        rotation: Rotation::None,
    })
}

/// `None` for colours that are neither.
fn matrix(video: &Video) -> Option<Matrix> {
    let said = video.colour().and_then(Colour::matrix_coefficients);
    match said {
        Some(MatrixCoefficients::Bt709) => Some(Matrix::Bt709),
        Some(MatrixCoefficients::Bt470bg | MatrixCoefficients::Smpte170) => Some(Matrix::Bt601),
        None | Some(MatrixCoefficients::Unknown) => {
            let (width, height) = (video.pixel_width().get(), video.pixel_height().get());
            Some(Matrix::by_size(width, height))
        }
        Some(_) => None,
    }
}

fn display(entry: &TrackEntry) -> Option<(u32, u32)> {
    let video = entry.video()?;
    let in_pixels = matches!(
        video.display_unit(),
        None | Some(DisplayUnit::Pixels | DisplayUnit::DisplayAspectRatio)
    );
    let (width, height) = (video.display_width()?, video.display_height()?);
    in_pixels
        .then_some((width.get(), height.get()))
        .and_then(|(w, h)| Some((u32::try_from(w).ok()?, u32::try_from(h).ok()?)))
}
