//! Resizing against the references' own, which is torchvision's with antialiasing.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use clips::{ClipError, Frame, resize_for_wf_scripts, resize_short_side};
use e2e::vectors::Vectors;

/// Frames `[N, 3, H, W]` of bytes.
fn frames(vectors: &Vectors, name: &str) -> Vec<Frame> {
    let (shape, pixels) = vectors.raw(name);
    let [_, 3, height, width] = shape[..] else {
        panic!("{name} is {shape:?}")
    };
    let plane = height * width;
    let frame = |planes: &[f32]| {
        let rgb = (0..3 * plane).map(|i| planes[i % 3 * plane + i / 3] as u8);
        Frame::new(width, height, rgb.collect()).unwrap()
    };
    pixels.chunks_exact(3 * plane).map(frame).collect()
}

/// Theirs are floats, ours are rounded to bytes: half a level is all that lies between, whether
/// frames are made smaller or larger.
fn agree(name: &str, resize: fn(&Frame, usize) -> Result<Frame, ClipError>) {
    let vectors = Vectors::open("metrics/resize");
    for short in [12, 28] {
        let (shape, expected) = vectors.raw(&format!("{name}_{short}"));
        let plane = shape[2] * shape[3];
        let expected = expected.chunks_exact(3 * plane);
        for (frame, expected) in frames(&vectors, "clip_u8").iter().zip(expected) {
            let found = resize(frame, short).unwrap();
            assert_eq!([found.height(), found.width()], shape[2..]);
            for (i, byte) in found.rgb().iter().enumerate() {
                let wanted = 255.0 * expected[i % 3 * plane + i / 3];
                assert!(
                    (f32::from(*byte) - wanted).abs() < 0.501,
                    "{byte} for {wanted}"
                );
            }
        }
    }
}

#[test]
fn training_frames_are_resized_as_in_the_reference() {
    agree("train_resize", resize_short_side);
}

#[test]
fn evaluation_frames_are_resized_as_in_the_reference() {
    agree("eval_resize", resize_for_wf_scripts);
}
