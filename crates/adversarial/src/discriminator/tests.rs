//! Every layer of LeanVAE's discriminator whose output the reference recorded.

use std::collections::BTreeSet;
use std::path::Path;

use burn::tensor::TensorData;
use safetensors::SafeTensors;

use super::*;

const TOLERANCE: f32 = 1e-5;
/// What the recorded outputs' names begin with; a layer's place in the reference's list follows.
const PREFIX: &str = "discriminator.eval.main.";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/leanvae");
    std::fs::read(folder.join(format!("{name}.safetensors"))).unwrap()
}

fn numbers(file: &[u8], name: &str) -> (Vec<usize>, Vec<f32>) {
    let file = SafeTensors::deserialize(file).unwrap();
    let view = file.tensor(name).unwrap();
    let (bytes, _) = view.data().as_chunks::<4>();
    let values = bytes.iter().map(|b| f32::from_le_bytes(*b)).collect();
    (view.shape().to_vec(), values)
}

/// The layers' outputs, `[1, C, T, H, W]` each, under their places.
fn walk(discriminator: &Discriminator, clip: Tensor<5>) -> Vec<(usize, Tensor<5>)> {
    let mut outputs = vec![(0, discriminator.first.forward(clip))];
    let activate = |outputs: &mut Vec<(usize, Tensor<5>)>| {
        let (place, x) = outputs[outputs.len() - 1].clone();
        let x = leaky_relu(x, SLOPE);
        outputs.push((place + 1, x.clone()));
        (place + 1, x)
    };
    for block in &discriminator.blocks {
        let (place, x) = activate(&mut outputs);
        let convolved = block.convolve(x);
        let normalised = block.norm.by_running(convolved.clone());
        outputs.extend([(place + 1, convolved), (place + 2, normalised)]);
    }
    outputs
}

/// The reference takes every frame for itself, `[T, C, H, W]`, and of the flattened whole every
/// n-th number is in the file: n, and the whole's shape, are in its metadata.
#[test]
fn layers_are_the_references() {
    let weights = fixture("discriminator");
    let config = DiscriminatorConfig {
        patch: Patch::Frame,
        width: 8,
        layers: 3,
    };
    let mut discriminator = Discriminator::new(&config, &Device::flex());
    discriminator.load(&weights, "w.").unwrap();
    let (shape, values) = numbers(&weights, "real");
    let clip = Tensor::from_data(TensorData::new(values, shape), &Device::flex());

    let recorded = fixture("activations");
    let (_, metadata) = SafeTensors::read_metadata(&recorded).unwrap();
    let metadata = metadata.metadata().as_ref().unwrap();
    let names = metadata.keys().filter(|name| name.starts_with(PREFIX));
    let mut left: BTreeSet<&String> = names.collect();
    assert_eq!(left.len(), 7);
    for (place, output) in walk(&discriminator, clip) {
        let name = format!("{PREFIX}{place}.out");
        if !left.remove(&name) {
            continue;
        }
        let output = output.squeeze_dim::<4>(0).swap_dims(0, 1);
        assert_eq!(format!("{:?}", output.dims()), metadata[&name], "{name}");
        let found: Vec<f32> = output.into_data().try_into_vec().unwrap();
        let found = found.iter().step_by(metadata["every"].parse().unwrap());
        let (_, expected) = numbers(&recorded, &name);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.zip(expected) {
            let off = (found - expected).abs();
            assert!(off <= TOLERANCE, "{name} is off by {off:e}");
        }
    }
    assert!(left.is_empty(), "{left:?}");
}
