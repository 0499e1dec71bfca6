//! The Haar and Multi-WT operators against the references' own output.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, values, worst_difference};
use wavelet::Constants::{Exact, Reference};
use wavelet::{
    Mask, MaskChoice, Strength, compact, expand, haar_time, haar2d, haar3d, haar3d_causal,
    haar3d_pairs, inverse_haar_time, inverse_haar2d, inverse_haar3d, inverse_haar3d_causal,
    inverse_multi_wt, multi_wt, strongest, weakest_kept, zero_dropped,
};

const TOLERANCE: f32 = 3e-6;

#[test]
fn causal_haar_3d() {
    let v = Vectors::open("wfvae/ops_haar");
    for t in ["t1", "t2", "t3", "t4", "t5", "t9"] {
        let x = v.tensor(&format!("haar3d.{t}.in"));
        v.check(
            &format!("haar3d.{t}.out"),
            haar3d_causal(x, Reference),
            TOLERANCE,
        );
    }
    for t in ["t1", "t2", "t5"] {
        let x: Tensor<5> = v.tensor(&format!("ihaar3d.{t}.in"));
        let first = inverse_haar3d_causal(x.clone(), Reference);
        v.check(&format!("ihaar3d.{t}.out_first"), first, TOLERANCE);
        v.check(
            &format!("ihaar3d.{t}.out_nonfirst"),
            inverse_haar3d(x, Reference),
            TOLERANCE,
        );
    }
    let x = v.tensor("haar3d.roundtrip.in");
    let round_trip = inverse_haar3d_causal(haar3d_causal(x, Reference), Reference);
    v.check("haar3d.roundtrip.out", round_trip, TOLERANCE);
}

#[test]
fn causal_haar_3d_in_chunks() {
    let v = Vectors::open("wfvae/ops_haar");
    let x: Tensor<5> = v.tensor("haar3d.chunk.in");
    let first = haar3d_causal(x.clone().narrow(2, 0, 1), Reference);
    let second = haar3d_pairs(x.clone().narrow(2, 1, 4), Reference);
    let third = haar3d_pairs(x.narrow(2, 5, 4), Reference);
    let joined = Tensor::cat(vec![first, second, third], 2);
    v.check("haar3d.chunk.direct", joined.clone(), TOLERANCE);
    v.check("haar3d.chunk.cat", joined, TOLERANCE);
}

#[test]
fn haar_2d_and_levels() {
    let v = Vectors::open("wfvae/ops_haar");
    v.check("haar2d.5d.out", haar2d(v.tensor("haar2d.5d.in")), TOLERANCE);
    v.check(
        "ihaar2d.5d.out",
        inverse_haar2d(v.tensor("ihaar2d.5d.in")),
        TOLERANCE,
    );
    // Pictures have no time axis there.
    let picture = |name: &str| v.tensor::<4>(name).unsqueeze_dim::<5>(2);
    let coefficients = haar2d(picture("haar2d.4d.in")).squeeze_dim::<4>(2);
    v.check("haar2d.4d.out", coefficients, TOLERANCE);
    let restored = inverse_haar2d(picture("ihaar2d.4d.in")).squeeze_dim::<4>(2);
    v.check("ihaar2d.4d.out", restored, TOLERANCE);
    let w1 = haar3d_causal(v.tensor("multilevel.in"), Reference);
    let w2 = haar2d(w1.clone().narrow(1, 0, 3));
    let w3 = haar3d_causal(w2.clone().narrow(1, 0, 3), Reference);
    v.check("multilevel.w1", w1, TOLERANCE);
    v.check("multilevel.w2", w2, TOLERANCE);
    v.check("multilevel.w3", w3, TOLERANCE);
}

#[test]
fn symmetric_haar_3d_and_temporal() {
    let v = Vectors::open("lcvae/ops");
    for t in ["t1", "t2", "t3", "t4", "t5", "t8"] {
        let x: Tensor<5> = v.tensor(&format!("haar3d.{t}.in"));
        let coefficients = haar3d(x.clone(), Reference);
        v.check(&format!("haar3d.{t}.out"), coefficients.clone(), TOLERANCE);
        let inverse = inverse_haar3d(coefficients, Reference);
        v.check(&format!("haar3d.{t}.inv"), inverse, TOLERANCE);
        let coefficients = haar_time(x, Reference);
        v.check(&format!("haart.{t}.out"), coefficients.clone(), TOLERANCE);
        let inverse = inverse_haar_time(coefficients, Reference);
        v.check(&format!("haart.{t}.inv"), inverse, TOLERANCE);
    }
    v.check(
        "haar3d.odd_hw.out",
        haar3d(v.tensor("haar3d.odd_hw.in"), Reference),
        TOLERANCE,
    );
    for band in [0, 1, 4, 7] {
        let mut impulse = [0.0; 8];
        impulse[band] = 1.0;
        let impulse = Tensor::<1>::from_floats(impulse, &Device::flex());
        let pattern = inverse_haar3d(impulse.reshape([1, 8, 1, 1, 1]), Reference);
        let name = format!("haar3d.impulse_band{band}.inv");
        v.check(&name, pattern, TOLERANCE);
    }
}

/// LC-VAE's spatial pair, which nothing there calls: ours with the mixed bands the other way round
/// and its own taps.
#[test]
fn spatial_haar_of_latent_compression() {
    let v = Vectors::open("lcvae/ops");
    let gain = 2.0 * Reference.one() * Reference.one();
    let other_order = |x: Tensor<5>| {
        let bands = x.chunk(4, 1);
        let order = [0, 2, 1, 3].map(|band: usize| bands[band].clone());
        Tensor::cat(order.into(), 1) * gain
    };
    let coefficients = other_order(haar2d(v.tensor("haars.4x6.in")));
    v.check("haars.4x6.out", coefficients, TOLERANCE);
    let restored = inverse_haar2d(other_order(v.tensor("haars.4x6.out")));
    v.check("haars.4x6.inv", restored, TOLERANCE);
}

#[test]
fn multi_wt_of_every_length() {
    let v = Vectors::open("lcvae/multiwt_stages");
    let cases: Vec<String> = v
        .names()
        .iter()
        .filter_map(|n| n.strip_suffix(".z"))
        .map(str::to_owned)
        .collect();
    assert_eq!(cases.len(), 15);
    for case in cases {
        let coefficients = multi_wt(v.tensor(&format!("{case}.z")), Reference);
        v.check(&format!("{case}.coeffs"), coefficients.clone(), TOLERANCE);
        let round_trip = inverse_multi_wt(coefficients, Reference);
        v.check(&format!("{case}.roundtrip"), round_trip, TOLERANCE);
    }
}

#[test]
fn compact_latents() {
    let v = Vectors::open("lcvae/compress");
    let wan = MaskChoice::Groups((0..16).collect());
    let cases = [
        ("c4", "c4.clean25", 4, MaskChoice::Paper25),
        ("c4", "c4.clean50", 4, MaskChoice::Paper50),
        ("c8", "c8.clean25", 8, MaskChoice::Paper25),
        ("c8", "c8.clean50", 8, MaskChoice::Paper50),
        ("c8", "c8.clean75", 8, MaskChoice::Paper75),
        ("c8", "c8.soft50", 8, MaskChoice::Soft50),
        ("c8t16", "c8t16.clean50", 8, MaskChoice::Paper50),
        ("c16", "c16.clean50", 16, MaskChoice::Paper50),
        ("c16", "c16.soft50", 16, MaskChoice::Soft50),
        ("c32", "c32.soft50", 32, MaskChoice::Soft50),
    ];
    for (input, case, channels, choice) in cases {
        let mask = choice.build(channels).unwrap();
        check_compact(&v, input, case, &mask);
    }
    assert!(wan.build(16).is_ok());
}

fn check_compact(v: &Vectors, input: &str, case: &str, mask: &Mask) {
    let z: Tensor<5> = v.tensor(&format!("{input}.z"));
    let kept = compact(multi_wt(z.clone(), Reference), mask).unwrap();
    v.check(&format!("{case}.compact"), kept.clone(), TOLERANCE);
    let restored = inverse_multi_wt(expand(kept, mask).unwrap(), Reference);
    v.check(&format!("{case}.restored"), restored, TOLERANCE);
    let zeroed = zero_dropped(z, mask, Reference).unwrap();
    v.check(&format!("{case}.restored"), zeroed, TOLERANCE);
}

#[test]
fn published_masks_are_built_by_rule() {
    let v = Vectors::open("lcvae/masks");
    let clean = |c: usize, ratio: usize| {
        format!("multi_keep_ratio/fixed_mask_{c}ch_ratio{ratio}_handcraft.json")
    };
    let soft = |c: usize| {
        format!(
            "3D_t_t/keep_ratio_0.5_{c}_channel_50%/channel_masks/fixed_mask_from_handcraft.json"
        )
    };
    let mut cases = vec![];
    for c in [8, 16] {
        cases.push((clean(c, 25), c, MaskChoice::Paper25));
        cases.push((clean(c, 50), c, MaskChoice::Paper50));
        cases.push((clean(c, 75), c, MaskChoice::Paper75));
    }
    cases.extend([8, 16, 32].map(|c| (soft(c), c, MaskChoice::Soft50)));
    for (file, channels, choice) in cases {
        let published: Vec<bool> = v.raw(&file).1.iter().map(|x| *x == 1.0).collect();
        assert_eq!(choice.build(channels).unwrap().kept(), published, "{file}");
    }
}

/// Exact constants: perfect reconstruction and equal energy, on a latent of the vectors.
#[test]
fn exact_constants_are_orthonormal() {
    let v = Vectors::open("lcvae/multiwt_stages");
    for case in ["c2t16h16w16", "c8t8h8w8"] {
        let z: Tensor<5> = v.tensor(&format!("{case}.z"));
        let coefficients = multi_wt(z.clone(), Exact);
        let restored = inverse_multi_wt(coefficients.clone(), Exact);
        let (_, worst) = worst_difference(&values(restored), &values(z.clone()));
        assert!(worst < 1e-6, "{case}: {worst:e}");
        let energy = |t: Tensor<5>| values(t).iter().map(|x| f64::from(x * x)).sum::<f64>();
        let ratio = energy(coefficients) / energy(z);
        assert!((ratio - 1.0).abs() < 1e-6, "{case}: {ratio}");
    }
}

/// The paper's baseline: the channels and the single coefficients that the reference keeps.
#[test]
fn adaptive_top_k() {
    let v = Vectors::open("lcvae/topk");
    let coefficients: Tensor<5> = v.tensor("coeffs");
    let batch = coefficients.dims()[0];
    let check = |name: &str, found: &[bool]| {
        let expected: Vec<bool> = v.raw(name).1.iter().map(|kept| *kept == 1.0).collect();
        assert_eq!(found, expected, "{name}");
    };
    let hard = |strengths: Tensor<5>, share: f64| -> Vec<bool> {
        let strengths: Vec<f64> = values(strengths).into_iter().map(f64::from).collect();
        let samples = strengths.chunks(strengths.len() / batch);
        samples
            .flat_map(|sample| strongest(sample, share))
            .collect()
    };
    for (strength, kind) in [
        (Strength::Energy, "l2"),
        (Strength::Variance, "var"),
        (Strength::Mix, "mix"),
    ] {
        let strengths = strength.of_channels(coefficients.clone());
        let (_, expected) = v.raw(&format!("channel_score_{kind}"));
        for (found, expected) in values(strengths.clone()).iter().zip(expected) {
            let off = (found - expected).abs();
            assert!(
                off <= 1e-5 * expected.abs(),
                "{kind}: {found} for {expected}"
            );
        }
        for share in [0.25, 0.5] {
            let kept = hard(strengths.clone(), share);
            check(&format!("channel_hard_{kind}_{share}.mask"), &kept);
        }
    }
    let strengths = coefficients.clone().square();
    let few = strengths.clone().narrow(1, 0, 16);
    v.check("position_score", few, TOLERANCE);
    for share in [0.25, 0.5] {
        let case = format!("position_hard_{share}");
        check(&format!("{case}.mask"), &hard(strengths.clone(), share));
        let kept: Tensor<5> = v.tensor(&format!("{case}.mask"));
        let restored = inverse_multi_wt(coefficients.clone() * kept, Reference);
        v.check(&format!("{case}.restored"), restored, TOLERANCE);
    }
    // One 3-D step instead of three, judged in the same way.
    let one_level = Strength::Mix.of_channels(haar3d(v.tensor::<5>("z"), Reference));
    check("onelevel_ungrouped_hard.mask", &hard(one_level, 0.5));
}

/// The fixed mask that a recorded evaluation leaves behind: the channels that were chosen most often.
/// Which of those that were chosen equally often at the edge is nobody's rule (numpy's sort decided).
#[test]
fn fixed_mask_of_a_recorded_top_k() {
    let v = Vectors::open("lcvae/topk");
    let batches = (0..3).map(|batch| v.raw(&format!("stats.batch{batch}.score_l2")));
    let mut chosen = vec![0.0; 256];
    let mut samples = 0;
    for (shape, scores) in batches {
        for sample in scores.chunks(shape[1]) {
            let scores: Vec<f64> = sample.iter().map(|score| f64::from(*score)).collect();
            let kept = strongest(&scores, 0.5);
            chosen
                .iter_mut()
                .zip(kept)
                .for_each(|(n, kept)| *n += f64::from(u8::from(kept)));
            samples += 1;
        }
    }
    let frequencies: Vec<f64> = chosen.iter().map(|n| n / f64::from(samples)).collect();
    let expected = v.raw("stats.avg_selection_frequency").1;
    for (found, expected) in frequencies.iter().zip(&expected) {
        assert!(
            (found - f64::from(*expected)).abs() < 1e-6,
            "{found} for {expected}"
        );
    }
    let edge = weakest_kept(&frequencies, 0.5).unwrap();
    let ours = strongest(&frequencies, 0.5);
    let theirs = v.raw("stats.fixed_mask_from_frequency").1;
    for ((ours, theirs), frequency) in ours.iter().zip(&theirs).zip(&frequencies) {
        let same = *ours == (*theirs == 1.0);
        assert!(
            same || (frequency - edge).abs() < 1e-9,
            "{frequency} at the edge {edge}"
        );
    }
    let kept = |mask: usize| assert_eq!(mask, 128);
    kept(ours.iter().filter(|kept| **kept).count());
    kept(theirs.iter().filter(|kept| **kept == 1.0).count());
}

/// What the mask drops gets no gradient; what it keeps goes through the adjoint of the pair.
#[test]
fn gradients_of_compression() {
    let v = Vectors::open("lcvae/compress_grad");
    let mask = MaskChoice::Soft50.build(8).unwrap();
    let z = v.tensor::<5>("z").autodiff().require_grad();
    let restored = zero_dropped(z.clone(), &mask, Reference).unwrap();
    v.check("restored", restored.clone().inner(), TOLERANCE);
    let gradients = (restored * v.tensor::<5>("weight")).sum().backward();
    v.check("grad", z.grad(&gradients).unwrap(), TOLERANCE);
}
