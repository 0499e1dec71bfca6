//! Damaged mask files are refused or read, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use wavelet::{Mask, MaskChoice};

const CHANNELS: usize = 2;

#[test]
fn damaged_mask_files() {
    let whole = |choice: MaskChoice| choice.build(CHANNELS).unwrap().to_authors_json();
    let seeds = [
        whole(MaskChoice::Paper50).into_bytes(),
        whole(MaskChoice::Lowpass25).into_bytes(),
    ];
    fuzz::fuzz("mask-files", &seeds, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(mask) = Mask::from_authors_json(CHANNELS, &text) {
            assert_eq!(mask.channels(), CHANNELS);
        }
    });
}

#[test]
fn masks_of_configs() {
    let seeds = [
        MaskChoice::Paper50,
        MaskChoice::Groups(vec![0, 1, 31]),
        MaskChoice::Channels(vec![0, 63]),
    ];
    let seeds = seeds.map(|choice| serde_json::to_vec(&choice).unwrap());
    fuzz::fuzz("masks-of-configs", &seeds, |bytes| {
        if let Ok(choice) = serde_json::from_slice::<MaskChoice>(bytes) {
            let _ = choice.build(CHANNELS);
        }
    });
}
