//! Jobs on small models, natively on the CPU.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::tensor::{Device, Tensor};
use protocol::{ClipShape, Failure, FailureKind, Stage};
use vae::{Autoencoder, ModelConfig};
use wavelet::MaskChoice;

use crate::codec::{Codec, Host, tensor};
use crate::decode::DecodeJob;
use crate::encode::Encoded;
use crate::failure::failure;

/// Records progress; reports trouble if it has any.
#[derive(Default)]
struct Recorder {
    progress: RefCell<Vec<(Stage, u64, u64)>>,
    trouble: Option<Failure>,
}

impl Host for Recorder {
    fn progress(&self, stage: Stage, done: u64, total: u64) {
        self.progress.borrow_mut().push((stage, done, total));
    }

    fn now(&self) -> f64 {
        0.0
    }

    fn check(&self) -> Result<(), Failure> {
        self.trouble.clone().map_or(Ok(()), Err)
    }
}

/// The CPU never waits, so one poll is enough.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a job on the CPU waited"),
    }
}

fn codec(class: &str) -> Codec {
    let json = format!(
        r#"{{"_class_name": "{class}", "latent_dim": 4, "base_channels": 4,
            "encoder_energy_flow_hidden_size": 4, "decoder_energy_flow_hidden_size": 4,
            "norm_type": "layernorm", "t_interpolation": "trilinear"}}"#
    );
    let config = ModelConfig::from_json(&json).unwrap();
    let device = Device::flex();
    Codec {
        model: Autoencoder::new(&config, &device),
        device,
        max_buffer: 1 << 20,
    }
}

fn causal() -> Codec {
    codec("WFVAEModel")
}

fn symmetric() -> Codec {
    codec("WVAE_Compressed_TopK_multi_wavelet")
}

fn clip(frames: usize, height: usize, width: usize) -> (ClipShape, Vec<u8>) {
    let shape = ClipShape {
        frames,
        height,
        width,
    };
    let samples = frames * height * width * 3;
    (shape, (0..samples).map(|i| (i * i % 251) as u8).collect())
}

fn job(encoded: &Encoded, shape: ClipShape, original: &[u8], mask: MaskChoice) -> DecodeJob {
    DecodeJob {
        latent: encoded.latent.clone(),
        latent_shape: encoded.report.shape,
        original: original.to_vec(),
        clip: shape,
        mask,
    }
}

fn values(tensor: Tensor<5>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let worst = worst.fold(0.0, f32::max);
    assert!(worst < 1e-5, "off by {worst}");
}

/// The clip as the model wants it, padded sample by sample.
fn padded(shape: ClipShape, rgb: &[u8], [frames, height, width]: [usize; 3]) -> Tensor<5> {
    let mut samples = Vec::new();
    for channel in 0..3 {
        for t in 0..frames {
            for y in 0..height {
                for x in 0..width {
                    let frame = t.min(shape.frames - 1) * shape.height;
                    let row = (frame + y.min(shape.height - 1)) * shape.width;
                    let byte = rgb[(row + x.min(shape.width - 1)) * 3 + channel];
                    samples.push(f32::from(byte) / 127.5 - 1.0);
                }
            }
        }
    }
    tensor(samples, [1, 3, frames, height, width], &Device::flex())
}

#[test]
fn chunks_of_a_padded_clip_give_the_latent_of_the_whole() {
    let codec = causal();
    let (shape, rgb) = clip(20, 15, 24);
    let host = Recorder::default();
    let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
    assert_eq!(encoded.report.shape, [4, 6, 2, 4]);
    let whole = codec.model.encode(padded(shape, &rgb, [21, 16, 32]));
    assert_close(&encoded.latent, &values(whole.posterior.mean));
    let steps = [0, 1, 17, 20].map(|done| (Stage::Encode, done, 20));
    assert_eq!(*host.progress.borrow(), steps);
}

/// Frames of dark noise, then of a bright one.
fn two_shots(before: usize, after: usize, side: usize) -> (ClipShape, [Vec<u8>; 2]) {
    let samples = side * side * 3;
    let noise = |frames: usize, least: u8| {
        let frame: Vec<u8> = (0..samples).map(|i| least + (i * i % 61) as u8).collect();
        frame.repeat(frames)
    };
    let (shape, _) = clip(before + after, side, side);
    (shape, [noise(before, 0), noise(after, 180)])
}

#[test]
fn each_shot_of_a_causal_clip_is_coded_by_itself() {
    let codec = causal();
    let host = Recorder::default();
    let (shape, parts) = two_shots(7, 10, 16);
    let rgb = parts.concat();
    let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
    assert_eq!(
        (encoded.report.shape, &encoded.report.shots[..]),
        ([4, 7, 2, 2], &[0, 7][..])
    );
    assert_eq!(
        host.progress.borrow().last(),
        Some(&(Stage::Encode, 17, 17))
    );
    let half = job(&encoded, shape, &rgb, MaskChoice::Lowpass50);
    let both = ready(codec.decode(half, &host)).unwrap();
    assert_eq!(both.report.quality.len(), 17);

    let mut alone = Vec::new();
    let mut stored = 0;
    for part in parts {
        let frames = part.len() / (16 * 16 * 3);
        let shape = ClipShape { frames, ..shape };
        let encoded = ready(codec.encode(part.clone(), shape, &host)).unwrap();
        assert_eq!(encoded.report.shots, [0]);
        let half = job(&encoded, shape, &part, MaskChoice::Lowpass50);
        let decoded = ready(codec.decode(half, &host)).unwrap();
        alone.extend(decoded.frames);
        stored += decoded.report.stored_values;
    }
    assert!(both.frames == alone, "one shot is seen in the other");
    assert_eq!(both.report.stored_values, stored);
}

#[test]
fn a_symmetric_model_codes_all_shots_as_one() {
    let (shape, parts) = two_shots(7, 10, 16);
    let host = Recorder::default();
    let encoded = ready(symmetric().encode(parts.concat(), shape, &host)).unwrap();
    assert_eq!(
        (encoded.report.shape, &encoded.report.shots[..]),
        ([4, 8, 2, 2], &[0][..])
    );
}

#[test]
fn a_symmetric_clip_comes_back_in_its_own_shape() {
    let codec = symmetric();
    let (shape, rgb) = clip(5, 17, 12);
    let host = Recorder::default();
    let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
    assert_eq!(encoded.report.shape, [4, 8, 4, 2]);
    let job = job(&encoded, shape, &rgb, MaskChoice::None);
    let decoded = ready(codec.decode(job, &host)).unwrap();
    assert_eq!(decoded.frames.len(), rgb.len());
    assert_eq!(decoded.report.quality.len(), 5);
    assert_eq!(host.progress.borrow().last(), Some(&(Stage::Decode, 5, 5)));

    let latent = tensor(encoded.latent, [1, 4, 8, 4, 2], &Device::flex());
    let sample = values(codec.model.decode(latent).sample);
    let pixel = |c: usize, t: usize, y: usize, x: usize| {
        let value = sample[((c * 32 + t) * 32 + y) * 16 + x];
        ((value + 1.0) * 127.5).clamp(0.0, 255.0).round() as u8
    };
    let at =
        |c: usize, t: usize, y: usize, x: usize| decoded.frames[((t * 17 + y) * 12 + x) * 3 + c];
    for (c, t, y, x) in [(0, 0, 0, 0), (2, 4, 16, 11), (1, 3, 9, 5)] {
        assert!(at(c, t, y, x).abs_diff(pixel(c, t, y, x)) <= 1);
    }
}

#[test]
fn what_a_mask_drops_is_missing_from_energy_storage_and_picture() {
    let codec = symmetric();
    let (shape, rgb) = clip(32, 16, 16);
    let host = Recorder::default();
    let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
    let decode = |mask| ready(codec.decode(job(&encoded, shape, &rgb, mask), &host)).unwrap();
    let (all, half) = (decode(MaskChoice::None), decode(MaskChoice::Lowpass50));
    assert_eq!(
        (all.report.stored_values, half.report.stored_values),
        (4 * 8 * 4, 2 * 8 * 4)
    );
    assert_eq!((all.report.keep_ratio, half.report.keep_ratio), (1.0, 0.5));
    let mask = MaskChoice::Lowpass50.build(4).unwrap();
    let expected = encoded.report.groups.retained(mask.kept());
    assert_eq!(all.report.retained_energy, 1.0);
    assert!((half.report.retained_energy - expected).abs() < 1e-9 && expected < 1.0);
    assert_ne!(all.report.quality, half.report.quality);
    assert_eq!(encoded.report.groups.mean_square.len(), 32);
    assert_eq!(encoded.report.bands.mean_square.len(), 8);
    assert_eq!(encoded.report.autocorrelation.rho.len(), 8);
}

#[test]
fn a_causal_first_latent_stays_apart() {
    let codec = causal();
    let host = Recorder::default();
    let half = |frames| {
        let (shape, rgb) = clip(frames, 16, 16);
        let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
        let half = job(&encoded, shape, &rgb, MaskChoice::Paper50);
        ready(codec.decode(half, &host)).unwrap().report
    };
    let (frame, block) = (4 * 2 * 2, 64);
    assert_eq!(half(33).stored_values, frame + block);
    assert_eq!(
        half(9).stored_values,
        3 * frame,
        "less than half of a block"
    );
    let still = half(1);
    assert_eq!((still.stored_values, still.retained_energy), (frame, 1.0));
}

#[test]
fn requests_that_do_not_fit_are_refused() {
    let codec = symmetric();
    let host = Recorder::default();
    let kind = |result: Result<_, Failure>| result.err().map(|failure| failure.kind);
    let (shape, rgb) = clip(2, 16, 16);
    let short = ready(codec.encode(rgb[1..].to_vec(), shape, &host));
    assert_eq!(kind(short.map(drop)), Some(FailureKind::BadRequest));
    let (none, _) = clip(0, 16, 16);
    let empty = ready(codec.encode(Vec::new(), none, &host));
    assert_eq!(kind(empty.map(drop)), Some(FailureKind::BadRequest));
    let (large, pixels) = clip(1, 160, 160);
    let over = ready(codec.encode(pixels, large, &host));
    assert_eq!(kind(over.map(drop)), Some(FailureKind::OutOfMemory));

    let encoded = ready(codec.encode(rgb.clone(), shape, &host)).unwrap();
    let (other, pixels) = clip(2, 16, 32);
    let foreign = ready(codec.decode(job(&encoded, other, &pixels, MaskChoice::None), &host));
    assert_eq!(kind(foreign.map(drop)), Some(FailureKind::BadRequest));
    let mask = MaskChoice::Groups(vec![32]);
    let masked = ready(codec.decode(job(&encoded, shape, &rgb, mask), &host));
    assert_eq!(kind(masked.map(drop)), Some(FailureKind::BadRequest));
}

#[test]
fn trouble_of_the_device_ends_a_job() {
    let lost = failure(FailureKind::DeviceLost, "gone");
    let host = Recorder {
        trouble: Some(lost.clone()),
        ..Recorder::default()
    };
    let (shape, rgb) = clip(1, 16, 16);
    assert_eq!(ready(causal().encode(rgb, shape, &host)).err(), Some(lost));
    assert_eq!(host.progress.borrow().len(), 1, "nothing is told as done");
}

#[test]
fn warming_up_runs_both_kinds_of_model() {
    for codec in [causal(), symmetric()] {
        assert_eq!(ready(codec.warm_up(&Recorder::default())), Ok(()));
    }
}
