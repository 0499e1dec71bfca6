//! What holds of the transforms and of masks for any latent.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use wavelet::{
    Constants, Group, Mask, MaskChoice, TemporalPath, compact, expand, inverse_multi_wt, multi_wt,
    zero_dropped,
};

/// A latent of whole groups with small even sides.
fn latents() -> impl Strategy<Value = Tensor<5>> {
    (1..3usize, 1..4usize, 1..3usize, 1..4usize, 1..4usize).prop_flat_map(|(b, c, g, h, w)| {
        let shape = [b, c, 8 * g, 2 * h, 2 * w];
        let values = prop::collection::vec(-4.0..4.0f32, shape.iter().product::<usize>());
        values.prop_map(move |values| {
            Tensor::from_data(TensorData::new(values, shape), &Device::flex())
        })
    })
}

fn masks(channels: usize) -> impl Strategy<Value = Mask> {
    let kept = prop::collection::vec(any::<bool>(), Group::COUNT * channels);
    kept.prop_map(move |kept| {
        let indices: Vec<usize> = (0..kept.len()).filter(|&i| kept[i]).collect();
        Mask::from_channels(channels, &indices).unwrap()
    })
}

fn latents_and_masks() -> impl Strategy<Value = (Tensor<5>, Mask)> {
    latents().prop_flat_map(|latent| {
        let channels = latent.dims()[1];
        let some = masks(channels).prop_filter("something is kept", |m| m.kept_count() > 0);
        (Just(latent), some)
    })
}

fn energy(x: &Tensor<5>) -> f32 {
    x.clone().square().sum().into_scalar()
}

fn off(a: Tensor<5>, b: Tensor<5>) -> f32 {
    (a - b).abs().max().into_scalar()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_packet_is_undone_and_keeps_energy(latent in latents()) {
        let coefficients = multi_wt(latent.clone(), Constants::Exact);
        let (before, after) = (energy(&latent), energy(&coefficients));
        prop_assert!((before - after).abs() <= 1e-4 * before.max(1.0), "{before} {after}");
        prop_assert!(off(inverse_multi_wt(coefficients, Constants::Exact), latent) < 1e-5);
    }

    /// What is dropped is gone, what is kept stays, and both halves add up.
    #[test]
    fn a_mask_splits_the_energy((latent, mask) in latents_and_masks()) {
        let others: Vec<usize> = (0..mask.kept().len()).filter(|&i| !mask.kept()[i]).collect();
        let other = Mask::from_channels(mask.channels(), &others).unwrap();
        let part = |mask: &Mask| zero_dropped(latent.clone(), mask, Constants::Exact).unwrap();
        let (kept, dropped) = (part(&mask), part(&other));
        prop_assert!(off(kept.clone() + dropped.clone(), latent.clone()) < 1e-5);
        let sum = energy(&kept) + energy(&dropped);
        prop_assert!((sum - energy(&latent)).abs() <= 1e-4 * sum.max(1.0));
        let again = zero_dropped(kept.clone(), &mask, Constants::Exact).unwrap();
        prop_assert!(off(again, kept) < 1e-5, "zeroing twice is zeroing once");
    }

    #[test]
    fn the_compact_form_holds_what_is_kept((latent, mask) in latents_and_masks()) {
        let coefficients = multi_wt(latent.clone(), Constants::Exact);
        let stored = compact(coefficients, &mask).unwrap();
        prop_assert_eq!(stored.dims()[1], mask.kept_count());
        let whole = expand(stored.clone(), &mask).unwrap();
        prop_assert_eq!(off(compact(whole.clone(), &mask).unwrap(), stored), 0.0);
        let zeroed = zero_dropped(latent, &mask, Constants::Exact).unwrap();
        prop_assert!(off(inverse_multi_wt(whole, Constants::Exact), zeroed) < 1e-4);
    }

    #[test]
    fn a_mask_survives_its_list_and_the_authors_file(mask in (1..9usize).prop_flat_map(masks)) {
        let again = Mask::from_channels(mask.channels(), &mask.indices()).unwrap();
        prop_assert_eq!(&again, &mask);
        let read = Mask::from_authors_json(mask.channels(), &mask.to_authors_json()).unwrap();
        prop_assert_eq!(&read, &mask);
        let share = mask.kept_count() as f64 / mask.kept().len() as f64;
        prop_assert!((mask.keep_ratio() - share).abs() < 1e-12);
        prop_assert!((mask.effective_channels() - mask.channels() as f64 * share).abs() < 1e-9);
        prop_assert_eq!(mask.kept_per_group().iter().sum::<usize>(), mask.kept_count());
    }

    /// A list that names what is not there is refused, never cut.
    #[test]
    fn a_group_out_of_range_is_refused(group in Group::COUNT..10_000) {
        prop_assert!(MaskChoice::Groups(vec![0, group]).build(4).is_err());
    }

    /// A path alone gives a wave that changes its sign as often as its sequency says.
    #[test]
    fn a_path_is_a_wave_of_its_sequency(block in 0..TemporalPath::COUNT, size in 0.1..10.0f32) {
        let mut coefficients = vec![0.0; 32];
        coefficients[4 * block] = size;
        let data = TensorData::new(coefficients, [1, 32, 1, 1, 1]);
        let latent = inverse_multi_wt(Tensor::from_data(data, &Device::flex()), Constants::Exact);
        let wave: Vec<f32> = latent.narrow(3, 0, 1).narrow(4, 0, 1).into_data().try_into_vec().unwrap();
        let changes = wave.windows(2).filter(|pair| pair[0] * pair[1] < 0.0).count();
        let mut paths = TemporalPath::by_sequency().into_iter();
        prop_assert_eq!(changes, paths.find(|path| path.block() == block).unwrap().sequency());
    }
}
