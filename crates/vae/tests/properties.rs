//! What holds of clip lengths and plans for every model and any clip.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use vae::ModelConfig;

const CONFIGS: [&str; 9] = [
    r#"{"_class_name": "WFVAEModel"}"#,
    r#"{"_class_name": "WVAE_Compressed_TopK_multi_wavelet"}"#,
    r#"{"_class_name": "LeanVAE", "mask": "lowpass50"}"#,
    r#"{"_class_name": "WanVAE"}"#,
    r#"{"_class_name": "IV_VAE"}"#,
    r#"{"_class_name": "TAEHV"}"#,
    r#"{"_class_name": "TAEHV", "clip_rule": "cogvideox"}"#,
    r#"{"_class_name": "TAEHV", "clip_rule": "h3", "patch_size": 2}"#,
    r#"{"_class_name": "TAEHV", "patch_size": 4, "encoder_time_downscale": [true, true, true],
        "decoder_time_upscale": [true, true, true]}"#,
];

fn configs() -> impl Strategy<Value = ModelConfig> {
    prop::sample::select(&CONFIGS[..]).prop_map(|json| ModelConfig::from_json(json).unwrap())
}

proptest! {
    #[test]
    fn a_padded_length_is_the_next_that_suits(config in configs(), frames in 1..400usize) {
        let rule = config.frame_rule();
        let padded = rule.padded(frames);
        prop_assert!(padded >= frames && rule.accepts(padded));
        prop_assert_eq!(rule.padded(padded), padded);
        prop_assert!((frames..padded).all(|shorter| !rule.accepts(shorter)));
    }

    /// A clip that suits comes back with its own length, however it is cut into chunks.
    #[test]
    fn plans_cover_the_clip_once(config in configs(), frames in 1..200usize, chunk in 1..9usize) {
        let frames = config.frame_rule().padded(frames);
        let mut end = 0;
        for range in config.encode_plan_by(frames, chunk) {
            prop_assert_eq!(range.start, end);
            prop_assert!(range.end > range.start);
            end = range.end;
        }
        prop_assert_eq!(end, frames);
        let latents = config.latent_frames(frames);
        let (mut next, mut decoded) = (0, 0);
        for part in config.decode_plan_by(latents, chunk) {
            prop_assert_eq!(part.latents.start, next);
            next = part.latents.end - part.look_ahead;
            decoded += part.frames;
        }
        prop_assert_eq!((next, decoded), (latents, frames));
    }

    #[test]
    fn shots_lie_side_by_side_in_the_latent(
        config in configs(),
        cuts in prop::collection::btree_set(1..120usize, 0..4),
    ) {
        let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([120]).collect();
        let shots: Vec<_> = edges.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let plan = config.plan_shots(&shots);
        let mut latent = 0;
        for shot in &plan {
            prop_assert_eq!(shot.latents.start, latent);
            prop_assert_eq!(shot.latents.len(), config.latent_frames(shot.padded));
            prop_assert!(config.frame_rule().accepts(shot.padded));
            latent = shot.latents.end;
        }
        prop_assert_eq!(plan.last().unwrap().frames.end, 120);
    }

    #[test]
    fn a_config_survives_being_written(config in configs()) {
        prop_assert_eq!(ModelConfig::from_json(&config.to_json()).unwrap(), config);
    }

    #[test]
    fn no_text_makes_a_config_panic(
        text in ".{0,200}",
        field in "[a-z_]{1,24}",
        value in -5i64..5000,
    ) {
        let _ = ModelConfig::from_json(&text);
        for json in CONFIGS {
            let with = json.replacen('{', &format!("{{\"{field}\": {value}, "), 1);
            let _ = ModelConfig::from_json(&with);
        }
    }
}
