//! Video files through the system's ffmpeg, which these tests need.
#![allow(clippy::unwrap_used)] // helpers of tests may fail like tests

use std::path::{Path, PathBuf};
use std::process::Command;

use clips::ffmpeg::{DecodeOptions, FrameSize, VideoError, decode, encode, open, probe};
use clips::{Clip, Scene, jpeg_frames, read_jpegs};
use tempfile::TempDir;

/// A folder of its own; fails with a plain sentence where ffmpeg is not installed.
fn folder() -> TempDir {
    let found = Command::new("ffmpeg").arg("-version").output();
    assert!(
        found.is_ok(),
        "these tests need ffmpeg: sudo apt install ffmpeg"
    );
    tempfile::tempdir().unwrap()
}

fn ffmpeg(arguments: &[&str], output: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(arguments)
        .arg(output)
        .status()
        .unwrap();
    assert!(status.success(), "ffmpeg {arguments:?}");
}

fn scene_file(folder: &TempDir, name: &str, frames: usize) -> (Clip, PathBuf) {
    let clip = Scene::SlowPan.render(1, 96, 64, frames);
    let path = folder.path().join(name);
    encode(&path, &clip, 25.0).unwrap();
    (clip, path)
}

fn difference(a: &Clip, b: &Clip) -> f64 {
    assert_eq!(a.extent(), b.extent());
    let sum: u64 = a
        .data()
        .iter()
        .zip(b.data())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.data().len() as f64
}

#[test]
fn mp4_and_webm_come_back_as_they_were() {
    let folder = folder();
    for (scene, name) in [(Scene::Sky, "sky.mp4"), (Scene::SlowPan, "pan.webm")] {
        let clip = scene.render(2, 160, 96, 9);
        let path = folder.path().join(name);
        encode(&path, &clip, 25.0).unwrap();
        let lost = difference(&decode(&path, &DecodeOptions::default()).unwrap(), &clip);
        assert!(lost < 3.0, "{name}: {lost} grey levels");
    }
}

#[test]
fn probing_says_what_is_there() {
    let folder = folder();
    let info = probe(&scene_file(&folder, "pan.mp4", 10).1).unwrap();
    assert_eq!((info.width, info.height, info.frames), (96, 64, Some(10)));
    assert_eq!(
        (info.fps, info.codec.as_str(), info.rotation),
        (25.0, "h264", 0)
    );
    assert!((info.duration.unwrap() - 0.4).abs() < 0.01);
}

#[test]
fn start_stride_and_count_choose_frames() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "pan.mp4", 12);
    let all = decode(&path, &DecodeOptions::default()).unwrap();
    let some = DecodeOptions {
        start_frame: 3,
        stride: 4,
        max_frames: Some(2),
        ..DecodeOptions::default()
    };
    let some = decode(&path, &some).unwrap();
    assert_eq!(
        (some.frames(), some.frame(0), some.frame(1)),
        (2, all.frame(3), all.frame(7))
    );
    let later = DecodeOptions {
        start_seconds: 0.2,
        ..DecodeOptions::default()
    };
    assert_eq!(decode(&path, &later).unwrap().frame(0), all.frame(5));
    let never = DecodeOptions {
        start_frame: 50,
        ..DecodeOptions::default()
    };
    assert!(matches!(
        decode(&path, &never),
        Err(VideoError::NoFrames { .. })
    ));
}

#[test]
fn only_larger_frames_are_scaled_down_to_a_side() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "clip.mp4", 2);
    let size = |size| {
        let options = DecodeOptions {
            size,
            ..DecodeOptions::default()
        };
        let clip = decode(&path, &options).unwrap();
        (clip.width(), clip.height())
    };
    assert_eq!(size(FrameSize::ShortSideAtMost(32)), (48, 32));
    assert_eq!(size(FrameSize::ShortSideAtMost(64)), (96, 64));
    assert_eq!(size(FrameSize::ShortSideAtMost(100)), (96, 64));
    assert_eq!(size(FrameSize::ShortSide(128)), (192, 128));
}

#[test]
fn frames_are_fitted_by_our_own_resizer() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "pan.mp4", 2);
    let whole = decode(&path, &DecodeOptions::default()).unwrap();
    let size = FrameSize::Fit {
        width: 40,
        height: 40,
    };
    let fitted = decode(
        &path,
        &DecodeOptions {
            size,
            ..DecodeOptions::default()
        },
    )
    .unwrap();
    assert_eq!(fitted, clips::fit_clip(&whole, 40, 40).unwrap());
    let size = FrameSize::ShortSide(8);
    let small = decode(
        &path,
        &DecodeOptions {
            size,
            ..DecodeOptions::default()
        },
    )
    .unwrap();
    assert_eq!((small.width(), small.height()), (12, 8));
}

#[test]
fn one_frame_and_odd_sides_work() {
    let folder = folder();
    let path = folder.path().join("odd.mp4");
    let clip = Scene::Sky.render(1, 33, 21, 1);
    encode(&path, &clip, 30.0).unwrap();
    let back = decode(&path, &DecodeOptions::default()).unwrap();
    assert_eq!((back.width(), back.height(), back.frames()), (34, 22, 1));
    assert!(difference(&clips::cut(&back, clip.extent()).unwrap(), &clip) < 4.0);
}

/// An mp4 whose track header asks for a clockwise quarter turn.
fn quarter_turned(mut mp4: Vec<u8>) -> Vec<u8> {
    let header = mp4.windows(4).position(|word| word == b"tkhd").unwrap();
    let matrix: [i32; 9] = [0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30];
    let bytes = matrix.map(i32::to_be_bytes).concat();
    mp4[header + 44..header + 44 + 36].copy_from_slice(&bytes);
    mp4
}

#[test]
fn a_rotated_video_is_upright() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "pan.mp4", 2);
    let turned = folder.path().join("turned.mp4");
    std::fs::write(&turned, quarter_turned(std::fs::read(&path).unwrap())).unwrap();
    let info = probe(&turned).unwrap();
    assert_eq!((info.width, info.height, info.rotation), (64, 96, 90));
    let (flat, upright) = (
        decode(&path, &DecodeOptions::default()).unwrap(),
        decode(&turned, &DecodeOptions::default()).unwrap(),
    );
    let pixel = |clip: &Clip, x: usize, y: usize| clip.data()[(y * clip.width() + x) * 3];
    let off = |x: usize, y: usize| pixel(&flat, x, y).abs_diff(pixel(&upright, 63 - y, x));
    let sum: u64 = (0..64 * 96).map(|i| u64::from(off(i % 96, i / 96))).sum();
    assert!(sum < 64 * 96 * 4, "turned clockwise: {sum}");
}

#[test]
fn variable_timing_gives_the_frames_as_stored() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "pan.mp4", 10);
    let uneven = folder.path().join("uneven.mkv");
    let timing = "setpts='N*N/(25*TB)'";
    let input = path.to_str().unwrap();
    ffmpeg(
        &["-i", input, "-vf", timing, "-fps_mode", "passthrough"],
        &uneven,
    );
    assert_eq!(
        decode(&uneven, &DecodeOptions::default()).unwrap().frames(),
        10
    );
}

#[test]
fn pure_colours_survive_tagged_and_untagged() {
    let folder = folder();
    for (name, size, matrix) in [("sd", "64x48", "bt601"), ("hd", "1280x720", "bt709")] {
        let path = folder.path().join(format!("{name}.avi"));
        let source = format!("color=c=0xC02040:s={size}:d=0.2:r=10,format=rgb24");
        let convert = format!("scale=out_color_matrix={matrix},format=yuv444p");
        let untagged = [
            "-f", "lavfi", "-i", &source, "-vf", &convert, "-c:v", "ffv1",
        ];
        ffmpeg(&untagged, &path);
        let clip = decode(&path, &DecodeOptions::default()).unwrap();
        let off = clip.data()[..3]
            .iter()
            .zip([0xC0, 0x20, 0x40])
            .map(|(a, b)| a.abs_diff(b))
            .max();
        assert!(off.unwrap() <= 3, "{name}: {:?}", &clip.data()[..3]);
    }
}

#[test]
fn bad_files_are_named_for_what_they_are() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let refusal = |path: &Path| decode(path, &DecodeOptions::default()).unwrap_err();

    assert!(matches!(
        refusal(&path("absent.mp4")),
        VideoError::Unreadable { .. }
    ));
    assert!(matches!(
        refusal(folder.path()),
        VideoError::NotAFile { .. }
    ));
    std::fs::write(path("zero.mp4"), []).unwrap();
    assert!(matches!(
        refusal(&path("zero.mp4")),
        VideoError::Empty { .. }
    ));
    for name in ["notes.txt", "notes.mp4", "-notes.mkv"] {
        std::fs::write(path(name), "These are only words.\n".repeat(40)).unwrap();
        assert!(
            matches!(refusal(&path(name)), VideoError::NotAVideo { .. }),
            "{name}"
        );
    }
    for name in ["tone.mp4", "tone.mp3"] {
        ffmpeg(&["-f", "lavfi", "-i", "sine=duration=0.3"], &path(name));
        assert!(
            matches!(refusal(&path(name)), VideoError::AudioOnly { .. }),
            "{name}"
        );
    }
}

#[test]
fn a_file_cut_short_is_damaged() {
    let folder = folder();
    let clip = Scene::Flicker.render(1, 96, 64, 30);
    for name in ["cut.mp4", "cut.webm"] {
        let path = folder.path().join(name);
        encode(&path, &clip, 25.0).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for share in [0.02, 0.6] {
            let kept = (whole.len() as f64 * share) as usize;
            std::fs::write(&path, &whole[..kept]).unwrap();
            let error = decode(&path, &DecodeOptions::default()).err();
            assert!(
                matches!(error, Some(VideoError::Damaged { .. })),
                "{name} {share}: {error:?}"
            );
        }
    }
}

#[test]
fn reading_can_stop_at_any_frame() {
    let folder = folder();
    let (_, path) = scene_file(&folder, "long.mp4", 40);
    let mut frames = open(&path, &DecodeOptions::default()).unwrap();
    assert!(frames.next().unwrap().is_ok());
    drop(frames);
}

#[test]
fn unwritable_outputs_are_refused_and_leave_nothing_behind() {
    let folder = folder();
    let clip = Scene::Sky.render(1, 16, 16, 1);
    let refusal = |path: &Path, clip: &Clip, fps| encode(path, clip, fps).unwrap_err();
    let inside = |name: &str| folder.path().join(name);
    let missing = inside("absent").join("clip.mp4");
    assert!(matches!(
        refusal(&missing, &clip, 25.0),
        VideoError::Unwritable { .. }
    ));
    assert!(matches!(
        refusal(&inside("clip.txt"), &clip, 25.0),
        VideoError::UnknownEnding { .. }
    ));
    let empty = Clip::empty(4, 4).unwrap();
    assert!(matches!(
        refusal(&inside("a.mp4"), &empty, 25.0),
        VideoError::NothingToWrite { .. }
    ));
    assert!(matches!(
        refusal(&inside("a.mp4"), &clip, 0.0),
        VideoError::NothingToWrite { .. }
    ));
    std::fs::create_dir(inside("taken.mp4")).unwrap();
    assert!(matches!(
        refusal(&inside("taken.mp4"), &clip, 25.0),
        VideoError::Unwritable { .. }
    ));
    assert!(!inside("taken.mp4.part").exists());
}

#[test]
fn jpeg_frames_are_read_without_ffmpeg_as_with_it() {
    let folder = folder();
    // Smooth: halving its colour planes and compressing it again loses little.
    let video = folder.path().join("sky.mp4");
    encode(&video, &Scene::Sky.render(2, 160, 96, 11), 25.0).unwrap();
    let frames = folder.path().join("frames");
    std::fs::create_dir(&frames).unwrap();
    ffmpeg(
        &[
            "-i",
            &video.to_string_lossy(),
            "-q:v",
            "2",
            // Through RGB: JPEG knows one colour matrix, and videos have others.
            "-vf",
            "format=gbrp,format=yuvj444p",
        ],
        &frames.join("%d.jpg"),
    );
    let files = jpeg_frames(&frames).unwrap().unwrap();
    assert_eq!(files.len(), 11);
    assert!(files[10].ends_with("11.jpg"), "counted, not spelt");
    let ours = read_jpegs(&files, FrameSize::Original).unwrap();
    let theirs = decode(&frames, &DecodeOptions::default()).unwrap();
    assert!(difference(&ours, &theirs) < 1.0);
    let video = decode(&video, &DecodeOptions::default()).unwrap();
    let lost = difference(&ours, &video);
    assert!(lost < 2.0, "{lost} grey levels");

    std::fs::write(&files[3], &std::fs::read(&files[3]).unwrap()[..400]).unwrap();
    let error = read_jpegs(&files, FrameSize::Original).unwrap_err();
    assert!(matches!(error, VideoError::Damaged { .. }), "{error}");
    std::fs::write(frames.join("12.png"), "").unwrap();
    assert!(jpeg_frames(&frames).unwrap().is_none(), "not all are JPEG");
}
