//! Files are read back: by the page's own demuxer, and by ffmpeg.

use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use matroska_demuxer::{Frame, MatrixCoefficients, MatroskaFile, TrackType};

use super::*;

fn coded(time: i64, is_key: bool, bytes: &[u8]) -> CodedFrame {
    CodedFrame {
        time,
        is_key,
        bytes: bytes.to_vec(),
    }
}

fn track<'a>(frames: &'a [CodedFrame], end: i64, rate: Option<f64>) -> Track<'a> {
    Track {
        codec: Codec::Vp9,
        width: 33,
        height: 31,
        frames,
        end,
        rate,
    }
}

fn open(file: Vec<u8>) -> MatroskaFile<Cursor<Vec<u8>>> {
    MatroskaFile::open(Cursor::new(file)).unwrap()
}

/// Time in milliseconds, whether it is a key frame, and bytes.
fn frames(file: &mut MatroskaFile<Cursor<Vec<u8>>>) -> Vec<(u64, Option<bool>, Vec<u8>)> {
    let mut frame = Frame::default();
    let mut all = Vec::new();
    while file.next_frame(&mut frame).unwrap() {
        assert_eq!(frame.track, 1);
        all.push((frame.timestamp, frame.is_keyframe, frame.data.clone()));
    }
    all
}

#[test]
fn the_demuxer_finds_what_was_written() {
    let bytes = [[1; 3].to_vec(), [2; 200].to_vec(), [3; 20_000].to_vec()];
    let coded = [
        coded(0, true, &bytes[0]),
        coded(41_667, false, &bytes[1]),
        coded(83_333, true, &bytes[2]),
    ];
    let mut file = open(write(&track(&coded, 125_000, Some(24.0))));
    assert_eq!(file.ebml_header().doc_type(), "webm");
    assert_eq!(file.info().timestamp_scale().get(), 1_000_000);
    assert_eq!(file.info().duration(), Some(125.0));
    let [entry] = file.tracks() else {
        panic!("one track was written");
    };
    assert_eq!(entry.track_type(), TrackType::Video);
    assert_eq!(entry.codec_id(), "V_VP9");
    assert_eq!(entry.default_duration().unwrap().get(), 41_666_667);
    let video = entry.video().unwrap();
    assert_eq!(
        (video.pixel_width().get(), video.pixel_height().get()),
        (33, 31)
    );
    let matrix = video.colour().unwrap().matrix_coefficients();
    assert_eq!(matrix, Some(MatrixCoefficients::Smpte170));
    let [first, second, third] = bytes;
    let expected = [
        (0, Some(true), first),
        (42, Some(false), second),
        (83, Some(true), third),
    ];
    assert_eq!(frames(&mut file), expected);
}

#[test]
fn the_index_leads_to_every_key_frame() {
    let coded: Vec<_> = (0..20)
        .map(|index| coded(index * 100_000, index % 5 == 0, &[index as u8; 300]))
        .collect();
    let mut file = open(write(&track(&coded, 2_000_000, Some(10.0))));
    for key in [15, 0, 5, 10] {
        file.seek(100 * key).unwrap();
        let (time, is_key, bytes) = frames(&mut file).swap_remove(0);
        assert_eq!((time, is_key), (100 * key, Some(true)));
        assert_eq!(bytes, [key as u8; 300]);
    }
}

#[test]
fn uneven_and_far_apart_frames_keep_their_times() {
    // The third is further from the first than a block's 16 bits reach.
    let times = [0, 30_000_000, 33_000_000, 33_040_000, 200_000_000];
    let coded = times.map(|time| coded(time, time == 0, b"x"));
    let mut file = open(write(&track(&coded, 200_040_000, None)));
    assert_eq!(file.tracks()[0].default_duration(), None);
    assert_eq!(file.info().duration(), Some(200_040.0));
    let found: Vec<_> = frames(&mut file).iter().map(|frame| frame.0).collect();
    assert_eq!(found, [0, 30_000, 33_000, 33_040, 200_000]);
}

#[test]
fn a_film_without_frames_is_still_a_file() {
    let mut file = write(&track(&[], 0, None));
    assert_eq!(&file[..4], [0x1a, 0x45, 0xdf, 0xa3]);
    // The demuxer wants to see a cluster.
    file.extend(master(0x1f43_b675, &[unsigned(0xe7, 0)]));
    assert!(MatroskaFile::open(Cursor::new(file)).is_ok());
}

/// What ffmpeg makes of real frames is the same from this file as from the one they came in.
#[test]
fn ffmpeg_plays_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (source, ours) = (at("source.ivf"), at("ours.webm"));
    for (codec, encoder) in [(Codec::Vp9, "libvpx-vp9"), (Codec::Vp8, "libvpx")] {
        let pattern = "testsrc=size=33x31:rate=24:duration=0.5";
        // One frame in, one out: neither hidden frames nor frames held back.
        let coding = format!(
            "-v error -y -f lavfi -i {pattern} -pix_fmt yuv420p -c:v {encoder} -g 6 \
             -auto-alt-ref 0 -lag-in-frames 0 -b:v 1M -f ivf {source}"
        );
        run("ffmpeg", &coding);
        let coded = read_ivf(Path::new(&source));
        assert_eq!(coded.len(), 12);
        let track = Track {
            codec,
            ..track(&coded, 500_000, Some(24.0))
        };
        std::fs::write(&ours, write(&track)).unwrap();

        let shown = "stream=width,height,r_frame_rate,color_range,chroma_location";
        let probing = format!("-v error -of csv=p=0 -show_entries {shown}:format=duration {ours}");
        let said = run("ffprobe", &probing);
        assert_eq!(
            String::from_utf8_lossy(&said.stdout).trim(),
            "33,31,tv,center,24/1\n0.500000"
        );
        let pictures = |file: &str| {
            let decoding = format!("-v error -i {file} -f rawvideo -pix_fmt yuv420p pipe:1");
            run("ffmpeg", &decoding).stdout
        };
        let decoded = pictures(&ours);
        assert_eq!(decoded.len(), 12 * (33 * 31 + 2 * 17 * 16));
        assert!(decoded == pictures(&source), "{encoder}: other pictures");
    }
}

fn run(program: &str, arguments: &str) -> Output {
    let output = Command::new(program)
        .args(arguments.split_whitespace())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{program}: {said}"
    );
    output
}

/// The frames of an IVF file of 24 frames a second: a header of 32 bytes, then for every frame its
/// length in 4 bytes, its number in 8, both with the lowest byte first, and itself.
fn read_ivf(path: &Path) -> Vec<CodedFrame> {
    let file = std::fs::read(path).unwrap();
    let mut rest = &file[32..];
    let mut frames = Vec::new();
    while let Some((head, body)) = rest.split_at_checked(12) {
        let length = u32::from_le_bytes(head[..4].try_into().unwrap()) as usize;
        let index = frames.len() as i64;
        let bytes = &body[..length];
        frames.push(coded(index * 1_000_000 / 24, index % 6 == 0, bytes));
        rest = &body[length..];
    }
    frames
}
