//! Damaged pictures are refused or read, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;

use clips::ffmpeg::FrameSize;
use clips::read_jpegs;

#[test]
fn damaged_pictures() {
    let whole = include_bytes!("../../../tests/fixtures/pictures/bars.jpg");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.jpg");
    fuzz::fuzz("pictures", &[whole.to_vec()], |bytes| {
        fs::write(&path, bytes).unwrap();
        let _ = read_jpegs(std::slice::from_ref(&path), FrameSize::Original);
    });
}
