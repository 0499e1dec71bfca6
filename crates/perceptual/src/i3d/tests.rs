//! The network against the references' output, with weights by formula.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::layers::Pool;
use super::load::{Loader, shape};
use super::prepare::prepare;
use super::{I3d, Levels, SIDE};
use crate::tensor_map::TensorMap;

/// Names of the stages' results in the reference, in order.
const STAGES: [&str; 16] = [
    "Conv3d_1a_7x7",
    "MaxPool3d_2a_3x3",
    "Conv3d_2b_1x1",
    "Conv3d_2c_3x3",
    "MaxPool3d_3a_3x3",
    "Mixed_3b",
    "Mixed_3c",
    "MaxPool3d_4a_3x3",
    "Mixed_4b",
    "Mixed_4c",
    "Mixed_4d",
    "Mixed_4e",
    "Mixed_4f",
    "MaxPool3d_5a_2x2",
    "Mixed_5b",
    "Mixed_5c",
];

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

fn vectors(name: &str) -> TensorMap {
    TensorMap::read(&fixture(&format!("perceptual/{name}.safetensors"))).unwrap()
}

fn tensor<const D: usize>(vectors: &TensorMap, name: &str) -> Tensor<D> {
    let (shape, values) = vectors.get(name).unwrap();
    Tensor::from_data(
        TensorData::new(values.to_vec(), shape.to_vec()),
        &Device::flex(),
    )
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn check(found: &[f32], vectors: &TensorMap, name: &str) {
    let (_, expected) = vectors.get(name).unwrap();
    assert_eq!(found.len(), expected.len(), "{name}");
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() <= 1e-5 + 1e-4 * b.abs(),
            "{name}: {a} for {b}"
        );
    }
}

/// A number in lo..hi for each place of a tensor; spec/metrics.md 3.3.
fn procedural(name: &str, shape: &[usize], lo: f64, hi: f64) -> Vec<f32> {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let number = |i: u64| {
        let mut z = hash.wrapping_add(i).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (lo + (hi - lo) * ((z >> 11) as f64 / (1_u64 << 53) as f64)) as f32
    };
    (0..shape.iter().product::<usize>() as u64)
        .map(number)
        .collect()
}

fn input(name: &str, shape: [usize; 5], lo: f64, hi: f64) -> Tensor<5> {
    let values = procedural(&format!("i3d/{name}"), &shape, lo, hi);
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Every tensor of the reference's file, with its numbers between the bounds of the list.
fn weights() -> TensorMap {
    let list = String::from_utf8(fixture("perceptual/i3d_keys.tsv")).unwrap();
    let mut map = TensorMap::default();
    for line in list.lines() {
        let [name, shape, lo, hi] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let sizes = shape.trim_matches(['[', ']']).split(", ");
        let shape: Vec<usize> = sizes.map(|size| size.parse().unwrap()).collect();
        let (lo, hi) = (lo.parse().unwrap(), hi.parse().unwrap());
        let values = procedural(&format!("i3d/{name}"), &shape, lo, hi);
        map.insert(name, shape, values);
    }
    map
}

fn network() -> I3d {
    I3d::new(&weights(), &Device::flex()).unwrap()
}

#[test]
fn a_unit_with_a_stride_is_the_references() {
    let vectors = vectors("i3d_block");
    let device = Device::flex();
    let loader = Loader {
        tensors: &vectors,
        device: &device,
    };
    let unit = loader.unit("unit", 3, shape(4, 7, 2)).unwrap();
    check(
        &values(unit.forward(tensor(&vectors, "unit_x"))),
        &vectors,
        "unit_out",
    );
}

#[test]
fn a_mixed_block_is_the_references() {
    let vectors = vectors("i3d_block");
    let device = Device::flex();
    let loader = Loader {
        tensors: &vectors,
        device: &device,
    };
    let mixed = loader.mixed("w", 6, [4, 5, 7, 3, 6, 2]).unwrap();
    check(
        &values(mixed.forward(tensor(&vectors, "x"))),
        &vectors,
        "out",
    );
}

#[test]
fn pools_are_the_references_on_negative_numbers_too() {
    let vectors = vectors("i3d_block");
    let pool = |x: &str, kernel, stride, expected: &str| {
        let pooled = Pool { kernel, stride }.forward(tensor(&vectors, x));
        let (shape, _) = vectors.get(expected).unwrap();
        assert_eq!(pooled.dims().as_slice(), shape);
        check(&values(pooled), &vectors, expected);
    };
    pool("pool_x", [1, 3, 3], [1, 2, 2], "pool_k133_s122");
    pool("pool_x", [3; 3], [2; 3], "pool_k333_s222");
    pool("pool_x", [2; 3], [2; 3], "pool_k222_s222");
    pool("pool_neg_x", [3; 3], [1; 3], "pool_neg_k333_s111");
}

#[test]
fn clips_are_prepared_as_both_references_do() {
    let vectors = vectors("i3d_prepare");
    for clip in ["down", "tall", "wide"] {
        for (levels, variant) in [
            (Levels::Bytes, "videogpt32"),
            (Levels::Floats, "styleganv32"),
        ] {
            let found = prepare(tensor(&vectors, &format!("{clip}.x")), 32, levels);
            check(&values(found), &vectors, &format!("{clip}.{variant}"));
        }
    }
}

#[test]
fn every_byte_stays_what_it_is() {
    let bytes: Vec<f32> = (0..=255)
        .map(|byte| f32::from(byte as u8) / 255.0)
        .collect();
    let data = TensorData::new(bytes, [1, 1, 1, 16, 16]);
    let clip = Tensor::<5>::from_data(data, &Device::flex());
    let [cut, whole] =
        [Levels::Bytes, Levels::Floats].map(|levels| prepare(clip.clone(), 16, levels));
    assert_eq!(values(cut), values(whole));
}

#[test]
fn every_stage_is_the_references() {
    let vectors = vectors("i3d_full");
    let mut x = input("small_x", [1, 3, 9, 41, 38], -1.0, 1.0);
    let network = network();
    assert_eq!(network.stages.len(), STAGES.len());
    for (stage, name) in network.stages.iter().zip(STAGES) {
        x = stage.forward(x);
        let found = values(x.clone());
        let expected = |part: &str| format!("small.{name}.{part}");
        check(&found[..8], &vectors, &expected("first8_flat"));
        check(&found[found.len() - 8..], &vectors, &expected("last8_flat"));
        let count = found.len() as f64;
        let mean = found.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let squares = found.iter().map(|&v| (f64::from(v) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / (count - 1.0)).sqrt();
        let largest = found.iter().fold(0.0_f32, |largest, v| largest.max(*v));
        let statistics = [mean as f32, deviation as f32, largest];
        check(&statistics, &vectors, &expected("mean_std_max"));
    }
}

#[test]
fn the_logits_are_the_references() {
    let vectors = vectors("i3d_full");
    let network = network();
    let head = network.head(input("head_x", [2, 1024, 3, 7, 7], 0.0, 2.0));
    check(&values(head), &vectors, "head.logits");
    for frames in [10, 16] {
        let shape = [1, 3, frames, SIDE, SIDE];
        let clip = input(&format!("full_x{frames}"), shape, -1.0, 1.0);
        // The inputs are prepared already, and preparing undoes this, but for rounding.
        let clip = clip / 2.0 + 0.5;
        let logits = network.logits(clip, Levels::Floats).unwrap();
        check(&values(logits), &vectors, &format!("full{frames}.logits"));
    }
}

#[test]
fn a_clip_needs_nine_frames() {
    let network = network();
    let clip = |frames| Tensor::zeros([1, 3, frames, 8, 8], &Device::flex());
    let error = network.logits(clip(8), Levels::Bytes).unwrap_err();
    assert!(error.to_string().contains("8 frames"), "{error}");
    let logits = network.logits(clip(I3d::FEWEST_FRAMES), Levels::Bytes);
    assert_eq!(logits.unwrap().dims(), [1, 400]);
}

#[test]
fn other_files_are_named() {
    let device = Device::flex();
    let says = |bytes: &[u8], part: &str| {
        let error = I3d::read(bytes, &device).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    says(
        &fixture("torchfile/script.pt"),
        "the state dict i3d_pretrained_400.pt is wanted",
    );
    says(&fixture("perceptual/zip.pth"), "features.0.bias");
    says(b"nothing of the kind", "cannot be read");

    let mut wider = weights();
    let name = "Mixed_4c.b2b.conv3d.weight";
    wider.insert(name, vec![64, 25, 3, 3, 3], vec![0.0; 64 * 25 * 27]);
    let error = I3d::new(&wider, &device).unwrap_err().to_string();
    assert!(
        error.contains(name) && error.contains("[64, 24, 3, 3, 3]"),
        "{error}"
    );
    let mut broken = weights();
    broken.insert("Mixed_5c.b0.bn.running_var", vec![384], vec![-1.0; 384]);
    let error = I3d::new(&broken, &device).unwrap_err().to_string();
    assert!(error.contains("Mixed_5c.b0 holds numbers"), "{error}");
}
