//! Damaged checkpoints are refused or read, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use torchfile::TorchFile;

#[test]
fn damaged_checkpoints() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let files = [
        "torchfile/checkpoint.ckpt",
        "torchfile/checkpoint-4.ckpt",
        "torchfile/checkpoint-old.ckpt",
        "torchfile/script.pt",
        "perceptual/zip.pth",
        "perceptual/legacy.pth",
    ];
    let seeds = files.map(|file| std::fs::read(fixtures.join(file)).unwrap());
    fuzz::fuzz("torchfile", &seeds, |bytes| {
        let _ = (TorchFile::begins(bytes), TorchFile::is_script(bytes));
        let Ok(file) = TorchFile::read(bytes) else {
            return;
        };
        for place in file.dicts().keys() {
            let _ = file.tensors(place);
        }
    });
}
