//! The parts of LC-VAE's compressor, and the masks that its authors published.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::Tensor;
use e2e::vectors::Vectors;
use wavelet::Constants::Reference;
use wavelet::{
    Mask, MaskChoice, compact, expand, haar3d, inverse_multi_wt, multi_wt, zero_dropped,
};

const TOLERANCE: f32 = 3e-6;
const CHANNELS: usize = 8;

fn kept(v: &Vectors, name: &str) -> Vec<bool> {
    v.raw(name).1.iter().map(|kept| *kept == 1.0).collect()
}

#[test]
fn every_stage_with_every_published_mask() {
    let v = Vectors::open("lcvae/latent_processor");
    let z: Tensor<5> = v.tensor("z");
    v.check_sampled("level1_3d", haar3d(z.clone(), Reference), TOLERANCE);
    let coefficients = multi_wt(z.clone(), Reference);
    v.check_sampled("coeffs_full", coefficients.clone(), TOLERANCE);
    let whole = inverse_multi_wt(coefficients.clone(), Reference);
    v.check_sampled("roundtrip_no_mask", whole, TOLERANCE);
    for (case, choice) in [
        ("ratio25", MaskChoice::Paper25),
        ("ratio50", MaskChoice::Paper50),
        ("ratio75", MaskChoice::Paper75),
        ("release50", MaskChoice::Soft50),
    ] {
        let mask = choice.build(CHANNELS).unwrap();
        assert_eq!(mask.kept(), kept(&v, &format!("{case}.mask")), "{case}");
        let check = |part: &str, found: Tensor<5>| {
            v.check_sampled(&format!("{case}.{part}"), found, TOLERANCE);
        };
        let compacted = compact(coefficients.clone(), &mask).unwrap();
        check("kept", compacted.clone());
        let masked = expand(compacted, &mask).unwrap();
        check("masked", masked.clone());
        check("z_rec", inverse_multi_wt(masked, Reference));
        let zeroed = zero_dropped(z.clone(), &mask, Reference).unwrap();
        check("z_rec", zeroed);
    }
}

/// Nine frames are filled up to sixteen.
#[test]
fn every_stage_of_an_odd_length() {
    let v = Vectors::open("lcvae/latent_processor");
    let z: Tensor<5> = v.tensor("oddT.z");
    v.check_sampled("oddT.level1_3d", haar3d(z.clone(), Reference), TOLERANCE);
    let coefficients = multi_wt(z, Reference);
    v.check_sampled("oddT.full", coefficients.clone(), TOLERANCE);
    let restored = inverse_multi_wt(coefficients, Reference);
    v.check_sampled("oddT.roundtrip", restored, TOLERANCE);
}

/// The published lists that no rule of ours builds: how many channels of each of the eight temporal
/// paths they keep, always the first ones. Source: spec/lcvae.md 4.
#[test]
fn other_published_masks_keep_the_first_channels_of_each_path() {
    let v = Vectors::open("lcvae/masks");
    for (folder, channels, counts) in [
        ("3D_t_t/channel_masks", 16, [40, 2, 20, 2, 20, 2, 20, 2]),
        (
            "3D_t_t/keep_ratio_0.5/channel_masks",
            16,
            [64, 15, 40, 15, 40, 15, 40, 15],
        ),
        (
            "3D_t_t/keep_ratio_0.5_8channel/channel_masks",
            8,
            [32, 32, 32, 5, 32, 5, 5, 5],
        ),
        (
            "3D_t_t/keep_ratio_0.5_throw_high_freq/channel_masks",
            16,
            [64, 64, 64, 5, 64, 5, 5, 1],
        ),
        (
            "3D_t_t/keep_ratio_1.0_0.53/channel_masks",
            32,
            [128, 128, 128, 10, 128, 10, 10, 10],
        ),
    ] {
        let listed = kept(&v, &format!("{folder}/fixed_mask_from_handcraft.json"));
        check_counts(folder, &listed, channels, counts);
    }
    let listed = kept(&v, "wan_vae_32/fixed_mask_32ch_handcraft.json");
    let counts = [60, 60, 60, 60, 4, 4, 4, 4];
    check_counts("wan_vae_32", &listed, 16, counts);
}

fn check_counts(what: &str, listed: &[bool], channels: usize, counts: [usize; 8]) {
    let path = 4 * channels;
    let chosen = counts.iter().enumerate();
    let chosen: Vec<usize> = chosen
        .flat_map(|(n, count)| n * path..n * path + count)
        .collect();
    let mask = Mask::from_channels(channels, &chosen).unwrap();
    assert_eq!(mask.kept(), listed, "{what}");
    let read = Mask::from_authors_json(channels, &mask.to_authors_json()).unwrap();
    assert_eq!(read.kept(), listed, "{what}");
}
