//! The measures against numbers from the reference implementations.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may fail like tests

use std::path::Path;

use analysis::{
    Autocorrelation, CoefficientShape, Covariance, Energy, FrameShape, clip_quality,
    frechet_distance, mean_quality, ssim,
};
use safetensors::{Dtype, SafeTensors};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

/// A tensor's shape and values, widened to f64.
fn tensor(file: &SafeTensors, name: &str) -> (Vec<usize>, Vec<f64>) {
    let view = file.tensor(name).unwrap();
    let values = match view.dtype() {
        Dtype::F64 => view
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|b| f64::from_le_bytes(*b))
            .collect(),
        Dtype::F32 => view
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|b| f64::from(f32::from_le_bytes(*b)))
            .collect(),
        other => panic!("{name} is {other:?}"),
    };
    (view.shape().to_vec(), values)
}

/// The clips of a `[B, 3, T, H, W]` tensor, each as `[T, H, W, 3]`.
fn clips(file: &SafeTensors, name: &str) -> (FrameShape, Vec<Vec<f32>>) {
    let (shape, values) = tensor(file, name);
    let [_, 3, frames, height, width] = shape[..] else {
        panic!("{name} is {shape:?}")
    };
    let plane = frames * height * width;
    let interleave = |clip: &[f64]| {
        (0..plane * 3)
            .map(|i| clip[i % 3 * plane + i / 3] as f32)
            .collect::<Vec<_>>()
    };
    let clips = values.chunks_exact(3 * plane).map(interleave).collect();
    (
        FrameShape {
            frames,
            height,
            width,
        },
        clips,
    )
}

fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected}"
    );
}

/// PSNR, given in f32 by the reference, and SSIM of every frame of every clip of a file.
fn check_frames(name: &str, ssim_per_frame: impl Fn(&SafeTensors) -> Vec<f64>) {
    let bytes = fixture(name);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (shape, real) = clips(&file, "real");
    let (_, fake) = clips(&file, "fake");
    let (psnr, ssim) = (tensor(&file, "psnr_per_frame").1, ssim_per_frame(&file));
    let mut index = 0;
    for (real, fake) in real.iter().zip(&fake) {
        for frame in clip_quality(real, fake, shape).unwrap() {
            assert_close(frame.psnr, psnr[index], 1e-5);
            assert_close(frame.ssim.unwrap(), ssim[index], 1e-9);
            index += 1;
        }
    }
    assert_eq!(index, psnr.len());
}

#[test]
fn frames_measure_as_in_the_latte_evaluation() {
    check_frames("metrics/latte.safetensors", |file| {
        let (_, per_channel) = tensor(file, "ssim_wf_per_frame_channel");
        per_channel
            .chunks_exact(3)
            .map(|rgb| rgb.iter().sum::<f64>() / 3.0)
            .collect()
    });
}

#[test]
fn frames_measure_as_in_the_wf_vae_evaluation() {
    check_frames("metrics/wfvae.safetensors", |file| {
        tensor(file, "ssim_per_video_frame").1
    });
}

#[test]
fn clips_measure_as_the_mean_of_their_frames() {
    let bytes = fixture("metrics/latte.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (shape, real) = clips(&file, "real");
    let (_, fake) = clips(&file, "fake");
    let pairs = real.iter().zip(&fake);
    let frames: Vec<_> = pairs
        .flat_map(|(real, fake)| clip_quality(real, fake, shape).unwrap())
        .collect();
    let mean = mean_quality(&frames).unwrap();
    assert_close(mean.psnr, tensor(&file, "psnr_wf").1[0], 1e-5);
    assert_close(mean.ssim.unwrap(), tensor(&file, "ssim_wf_mean").1[0], 1e-9);
}

#[test]
fn ssim_of_each_channel_alone_agrees() {
    let bytes = fixture("metrics/latte.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let (shape, real) = clips(&file, "real");
    let (_, fake) = clips(&file, "fake");
    let (_, expected) = tensor(&file, "ssim_wf_per_frame_channel");
    for channel in 0..3 {
        let grey = |clip: &[f32]| -> Vec<f32> {
            let frame = &clip[..shape.frame_len()];
            frame
                .chunks_exact(3)
                .flat_map(|pixel| [pixel[channel]; 3])
                .collect()
        };
        let found = ssim(&grey(&real[0]), &grey(&fake[0]), shape.height, shape.width).unwrap();
        assert_close(found.unwrap(), expected[channel], 1e-9);
    }
}

#[test]
fn energy_and_autocorrelation_agree() {
    let bytes = fixture("analysis/energy_autocorrelation.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    for clip in ["x1", "x2"] {
        let (shape, values) = tensor(&file, &format!("{clip}.bands"));
        let [1, channels, frames, height, width] = shape[..] else {
            panic!("{shape:?}")
        };
        let shape = CoefficientShape {
            channels,
            frames,
            height,
            width,
        };
        let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        let expected = |name: &str| tensor(&file, &format!("{clip}.{name}")).1;
        let check = |found: Vec<f64>, name: &str| {
            let expected = expected(name);
            assert_eq!(found.len(), expected.len());
            found
                .iter()
                .zip(expected)
                .for_each(|(&a, b)| assert_close(a, b, 1e-9 * b.abs().max(1.0)));
        };

        let energy = Energy::of(&values, shape, 4).unwrap();
        check(energy.mean_square.concat(), "energy_mean_per_channel");
        check(energy.band_means(), "energy_mean");
        check(energy.band_shares(), "energy_ratio");

        let rho = Autocorrelation::of(&values, shape, 4).unwrap().rho.concat();
        check(
            rho.into_iter().map(Option::unwrap).collect(),
            "bands.rho_eq11",
        );
    }
}

#[test]
fn frechet_distances_agree() {
    let bytes = fixture("metrics/frechet.safetensors");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    // The references' figures: NumPy's covariance, VideoGPT's roots by SVD, and Latte's covariance.
    let cases = [
        (
            "full_rank",
            [12.594225490086277, 12.594225490086595, 12.514821694202176],
        ),
        (
            "more_dims_than_samples",
            [40.75583492422534, 40.75583574897317, 38.300692874604366],
        ),
        ("single", [13.104039076473367; 3]),
        ("equal_sets", [0.0; 3]),
    ];
    for (case, [unbiased, by_svd, biased]) in cases {
        let features = |set: &str| {
            let (shape, values) = tensor(&file, &format!("{case}.{set}"));
            let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
            values
                .chunks_exact(shape[1])
                .map(<[f32]>::to_vec)
                .collect::<Vec<_>>()
        };
        let (a, b) = (features("f1"), features("f2"));
        let [a, b] = [&a, &b].map(|set| set.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let found = frechet_distance(&a, &b, Covariance::Unbiased).unwrap();
        assert_close(found, unbiased, 1e-6 * unbiased.max(1.0));
        assert_close(found, by_svd, 1e-6 * by_svd.max(1.0));
        let found = frechet_distance(&a, &b, Covariance::Biased).unwrap();
        assert_close(found, biased, 1e-6 * biased.max(1.0));
    }
}
