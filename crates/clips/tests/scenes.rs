//! The synthetic scenes: the same everywhere, and moving as they say.

use clips::{Clip, Scene};

/// FNV-1a over the samples.
fn fingerprint(clip: &Clip) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    clip.data().iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Mean absolute difference between neighbouring frames, in grey levels.
fn motion(clip: &Clip) -> f64 {
    let frames: Vec<&[u8]> = clip.iter().collect();
    let pairs = frames
        .windows(2)
        .flat_map(|pair| pair[0].iter().zip(pair[1]));
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / (clip.data().len() - clip.frame_len()) as f64
}

/// Mean grey level of every frame.
fn brightness(clip: &Clip) -> Vec<f64> {
    let mean = |frame: &[u8]| frame.iter().map(|&v| f64::from(v)).sum::<f64>() / frame.len() as f64;
    clip.iter().map(mean).collect()
}

fn spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// In the order of [`Scene::all`]; the same natively and in WebAssembly, optimised or not.
const GOLDEN: [u64; 10] = [
    0x12c1_5284_d0b5_0afd,
    0x3dba_c612_cbe5_5fc0,
    0x2d55_8767_f1a5_7626,
    0x13ac_d1ef_1b4b_d9d0,
    0x3d2d_c965_334c_27c5,
    0xc029_d407_afbd_769a,
    0xca99_5b7e_9681_54e4,
    0xd9b4_1818_d8ab_b7e0,
    0x8000_edc7_9cd3_ba30,
    0x05d8_b493_42c1_714b,
];

#[test]
fn every_scene_has_the_same_bytes_everywhere() {
    let found: Vec<u64> = Scene::all()
        .iter()
        .map(|scene| {
            let varied = scene.render_varied(11, 24, 16, 2);
            fingerprint(&scene.render(7, 40, 32, 3)) ^ fingerprint(&varied).rotate_left(1)
        })
        .collect();
    assert_eq!(found, GOLDEN, "found {found:#x?}");
}

#[test]
fn scenes_move_as_their_names_say() {
    let of = |scene: Scene| motion(&scene.render(3, 64, 64, 12));
    assert_eq!(of(Scene::StillTexture), 0.0);
    let (pan, fast, sky) = (of(Scene::SlowPan), of(Scene::FastMotion), of(Scene::Sky));
    assert!(sky > 0.05 && sky < 3.0, "sky {sky}");
    assert!(pan > 1.0, "pan {pan}");
    assert!(fast > sky * 2.0, "fast {fast}, sky {sky}");
    for &scene in Scene::all() {
        assert!(
            scene == Scene::StillTexture || of(scene) > 0.05,
            "{scene:?} does not move"
        );
    }
}

#[test]
fn flicker_changes_the_light_and_a_pan_does_not() {
    let of = |scene: Scene| spread(&brightness(&scene.render(1, 48, 48, 24)));
    let (flicker, pan) = (of(Scene::Flicker), of(Scene::SlowPan));
    assert!(
        flicker > 4.0 && flicker > 4.0 * pan,
        "flicker {flicker}, pan {pan}"
    );
}

#[test]
fn every_scene_is_rich_at_every_seed() {
    for &scene in Scene::all() {
        for seed in 0..6 {
            let clip = scene.render(seed, 48, 48, 1);
            let levels: Vec<f64> = clip.data().iter().map(|&v| f64::from(v)).collect();
            assert!(
                spread(&levels) > 18.0,
                "{scene:?} {seed}: {}",
                spread(&levels)
            );
        }
    }
}

#[test]
fn seeds_and_sizes_are_honoured() {
    for &scene in Scene::all() {
        let clip = scene.render(1, 20, 12, 2);
        assert_eq!((clip.width(), clip.height(), clip.frames()), (20, 12, 2));
        assert_ne!(clip, scene.render(2, 20, 12, 2), "{scene:?}");
        assert_ne!(clip, scene.render_varied(1, 20, 12, 2), "{scene:?}");
        assert_eq!(scene.render(1, 0, 3, 0).frames(), 0);
    }
}

#[test]
fn single_frames_are_those_of_the_whole_scene() {
    for scene in Scene::all() {
        let whole = scene.render(5, 48, 32, 6);
        for index in [0, 1, 5] {
            let single = scene.render_frame(5, 48, 32, index);
            assert_eq!(
                Some(single.data()),
                whole.frame(index),
                "{scene:?}, frame {index}"
            );
        }
    }
}
