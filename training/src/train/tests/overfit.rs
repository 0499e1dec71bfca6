//! One clip, overfitted.

use burn::tensor::Device;
use clips::{Scene, to_planar_f32};
use codec::Codec;
use dataset::Batch;
use evaluation::compare;

use super::super::state::Trainer;
use crate::config::Config;

/// The preset `tiny`, causal and without a mask, on one clip of 17 frames at 64x64. It reached
/// 35.5 dB after 500 steps, some 100 seconds of one core.
#[test]
#[ignore = "takes two minutes: cargo xtask test"]
fn one_clip_is_overfitted() {
    const STEPS: u64 = 3000;
    const FRAMES: usize = 17;
    const SIDE: usize = 64;
    let mut config = Config::preset("tiny").unwrap();
    config.steps = STEPS;
    config.data.frames = FRAMES;
    let model = config.model.as_table_mut().unwrap();
    model.insert("_class_name".into(), "WFVAEModel".into());
    model.insert("mask".into(), "none".into());
    let clip = Scene::all()[0].render_varied(1, SIDE, SIDE, FRAMES);
    let device = Device::flex();
    let mut trainer = Trainer::fresh(&config, &device, String::new(), None, None).unwrap();
    let mask = wavelet::MaskChoice::None.build(8).unwrap();
    let mut best = 0.0_f64;
    for step in 1..=STEPS {
        let batch = Batch {
            samples: to_planar_f32(&clip),
            shape: [1, 3, FRAMES, SIDE, SIDE],
        };
        trainer.step(vec![batch]).unwrap();
        if step.is_multiple_of(250) {
            let codec = Codec::new(trainer.average(), device.clone());
            let made = codec
                .reconstruct(&clip, &codec.as_one_shot(&clip), &mask)
                .unwrap();
            let psnr = compare("clip", &clip, &made).unwrap().psnr;
            note!("step {step}: {psnr:.2} dB");
            best = best.max(psnr);
        }
        if best >= 35.0 {
            return;
        }
    }
    panic!("only {best:.2} dB after {STEPS} steps");
}
