//! Parameters and multiply-adds of the published models.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig};

fn published(name: &str) -> Autoencoder {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../training/configs/published");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    Autoencoder::new(&ModelConfig::from_json(&text).unwrap(), &Device::flex())
}

fn assert_within(what: &str, found: f64, expected: f64, ratio: f64) {
    let off = (found / expected - 1.0).abs();
    assert!(off <= ratio, "{what}: {found} for {expected}");
}

/// GFLOP of encoding and decoding 17 frames of 256x256; LC-VAE's, which takes 32, are scaled.
/// Source: spec/zoo-notes.md A; million parameters there too.
#[test]
fn the_table_of_costs() {
    for (name, parameters, encode, decode) in [
        ("lean-c4", 39.8, 116.0, 289.0),
        ("lean-c16", 39.8, 116.0, 289.0),
        ("wf-s-c8", 147.4, 1054.0, 5378.0),
        ("wf-l-c16", 317.1, 2375.0, 11441.0),
        ("lc-c8", 315.0, 2147.0, 10667.0),
        ("wan2.1-c16", 126.9, 5690.0, 9568.0),
        ("iv-c4-d64", 107.2, 6562.0, 10857.0),
        ("iv-c16-d64", 107.8, 6562.0, 10857.0),
        ("iv-c16-d96", 241.9, 14715.0, 24371.0),
    ] {
        let model = published(name);
        let frames = model.config().frame_rule().padded(17);
        let cost = model.cost(frames, 256, 256);
        assert_eq!(cost.parameters, model.num_params() as u64);
        assert_within(name, cost.parameters as f64 / 1e6, parameters, 0.002);
        let gflop = |macs: u64| 2e-9 * macs as f64 * 17.0 / frames as f64;
        assert_within(
            &format!("{name}, encoding"),
            gflop(cost.encode),
            encode,
            0.02,
        );
        assert_within(
            &format!("{name}, decoding"),
            gflop(cost.decode),
            decode,
            0.02,
        );
    }
}

/// Attention grows with the square of the positions, all else with their number.
#[test]
fn larger_clips() {
    for (name, expected) in [
        ("lean-c4", 1621.0),
        ("wf-s-c8", 25987.0),
        ("wan2.1-c16", 61224.0),
    ] {
        let cost = published(name).cost(17, 512, 512);
        let gflop = 2e-9 * (cost.encode + cost.decode) as f64;
        assert_within(name, gflop, expected, 0.02);
    }
    let single = published("wan2.1-c16").cost(1, 256, 256);
    assert_within(
        "one image",
        2e-9 * (single.encode + single.decode) as f64,
        1144.0,
        0.02,
    );
}
