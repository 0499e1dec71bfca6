//! Perceptual distances against the output of the reference implementations.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use burn::tensor::{Device, Tensor};
use e2e::vectors::{Vectors, fixture, values};
use perceptual::{Backbone, Network, PerceptualDistance, TensorMap};

/// Relative to the reference.
const LOSS: f32 = 1e-5;

fn close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() <= LOSS * b.abs() + 1e-9,
            "{what}: {a} for {b}"
        );
    }
}

/// A number in -bound..bound for each place of a tensor; spec/metrics.md 3.3.
fn procedural(name: &str, shape: &[usize], bound: f64) -> Vec<f32> {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (0..shape.iter().product::<usize>() as u64)
        .map(|i| {
            let mut z = hash.wrapping_add(i).wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            (-bound + 2.0 * bound * ((z >> 11) as f64 / (1_u64 << 53) as f64)) as f32
        })
        .collect()
}

fn network(network: Network) -> (&'static str, TensorMap) {
    let squeeze = |i: usize, width, s, e| {
        let name = |part: &str| format!("features.{i}.{part}");
        [
            (name("squeeze"), s, width, 1),
            (name("expand1x1"), e, s, 1),
            (name("expand3x3"), e, s, 3),
        ]
    };
    let conv = |(i, out, width, kernel): (usize, usize, usize, usize)| {
        (format!("features.{i}"), out, width, kernel)
    };
    let (name, layers) = match network {
        Network::SqueezeNet => {
            let fires = [
                (3, 64, 16, 64),
                (4, 128, 16, 64),
                (6, 128, 32, 128),
                (7, 256, 32, 128),
                (9, 256, 48, 192),
                (10, 384, 48, 192),
                (11, 384, 64, 256),
                (12, 512, 64, 256),
            ];
            let fires = fires
                .into_iter()
                .flat_map(|(i, width, s, e)| squeeze(i, width, s, e));
            let layers: Vec<_> = [conv((0, 64, 3, 3))].into_iter().chain(fires).collect();
            ("squeeze", layers)
        }
        Network::AlexNet => {
            let layers = [
                (0, 64, 3, 11),
                (3, 192, 64, 5),
                (6, 384, 192, 3),
                (8, 256, 384, 3),
                (10, 256, 256, 3),
            ];
            ("alex", layers.map(conv).to_vec())
        }
        Network::Vgg16 => {
            let layers = [
                (0, 64, 3),
                (2, 64, 64),
                (5, 128, 64),
                (7, 128, 128),
                (10, 256, 128),
                (12, 256, 256),
                (14, 256, 256),
                (17, 512, 256),
                (19, 512, 512),
                (21, 512, 512),
                (24, 512, 512),
                (26, 512, 512),
                (28, 512, 512),
            ];
            (
                "vgg",
                layers
                    .map(|(i, out, width)| conv((i, out, width, 3)))
                    .to_vec(),
            )
        }
    };
    let mut map = TensorMap::default();
    for (key, out, width, kernel) in layers {
        let shape = vec![out, width, kernel, kernel];
        let bound = (6.0 / (width * kernel * kernel) as f64).sqrt();
        let weight = procedural(&format!("{name}/{key}.weight"), &shape, bound);
        let bias = procedural(&format!("{name}/{key}.bias"), &[out], 0.1);
        map.insert(&format!("{key}.weight"), shape, weight);
        map.insert(&format!("{key}.bias"), vec![out], bias);
    }
    (name, map)
}

/// The published heads; their licence is beside them.
fn heads() -> TensorMap {
    let bytes = std::fs::read(fixture("perceptual/lpips_heads.safetensors")).unwrap();
    TensorMap::read(&bytes).unwrap()
}

fn check(which: Network) {
    let device = Device::flex();
    let vectors = Vectors::open("perceptual/lpips_golden");
    let (name, map) = network(which);
    let backbone = Backbone::new(which, &map, &device).unwrap();
    let lpips = PerceptualDistance::lpips(backbone.clone(), &heads(), &device).unwrap();
    let (a, b) = (vectors.tensor::<4>("in0"), vectors.tensor::<4>("in1"));
    let expected = |key: &str| vectors.raw(&format!("{name}.{key}")).1;

    let total = values(lpips.distance(a.clone(), b.clone()));
    close(&total, &expected("total"), "total");
    let same = values(lpips.distance(a.clone(), a.clone()));
    assert_eq!(same, expected("total_identical"));
    let spatial = lpips.spatial(&lpips.features(a.clone()), &lpips.features(b.clone()));
    close(
        &values(spatial.clone().mean()),
        &expected("spatial_mean_over_all"),
        "spatial",
    );
    let plain = PerceptualDistance::without_heads(backbone);
    close(
        &values(plain.distance(a.clone(), b.clone())),
        &expected("baseline_total"),
        "plain",
    );

    let crop = |x: Tensor<4>| x.slice([0..1, 0..3, 0..61, 0..47]);
    let odd = values(lpips.distance(crop(a), crop(b)));
    close(&odd, &expected("crop61x47.total"), "odd size");
}

/// The published files hold one network's heads each, without its name.
#[test]
fn heads_of_one_network_are_those_of_all_three() {
    let device = Device::flex();
    let vectors = Vectors::open("perceptual/lpips_golden");
    let (name, map) = network(Network::SqueezeNet);
    let mut own = TensorMap::default();
    let all = heads();
    for key in all.names() {
        if let Some(key) = key.strip_prefix("squeeze.") {
            let (shape, values) = all.get(&format!("squeeze.{key}")).unwrap();
            own.insert(key, shape.to_vec(), values.to_vec());
        }
    }
    let backbone = Backbone::new(Network::SqueezeNet, &map, &device).unwrap();
    let lpips = PerceptualDistance::lpips(backbone.clone(), &own, &device).unwrap();
    let [a, b] = ["in0", "in1"].map(|name| vectors.tensor::<4>(name));
    let expected = vectors.raw(&format!("{name}.total")).1;
    close(&values(lpips.distance(a, b)), &expected, "total");
    let none = TensorMap::default();
    assert!(PerceptualDistance::lpips(backbone, &none, &device).is_err());
}

/// The refusal names the least size, and that size is compared.
#[test]
fn frames_that_are_too_small_are_refused() {
    let device = Device::flex();
    for (which, least) in [
        (Network::SqueezeNet, 17),
        (Network::AlexNet, 31),
        (Network::Vgg16, 16),
    ] {
        let backbone = Backbone::new(which, &network(which).1, &device).unwrap();
        assert_eq!(backbone.smallest_side(), least, "{which}");
        let distance = PerceptualDistance::without_heads(backbone);
        distance.check_size(least, least + 3).unwrap();
        let frame = |level| Tensor::full([1, 3, least, least + 3], level, &device);
        let found = values(distance.distance(frame(-0.5), frame(0.5)))[0];
        assert!(found > 0.0, "{which}: {found}");
        let said = distance.check_size(least + 3, least - 1).unwrap_err();
        let needs = format!("needs {least}x{least}");
        assert!(said.to_string().contains(&needs), "{said}");
    }
}

#[test]
fn squeeze_lpips_is_the_references() {
    check(Network::SqueezeNet);
}

#[test]
fn alex_lpips_is_the_references() {
    check(Network::AlexNet);
}

#[test]
fn vgg_lpips_is_the_references() {
    check(Network::Vgg16);
}

#[test]
fn the_gradient_is_the_references() {
    let device = Device::flex().autodiff();
    let vectors = Vectors::open("perceptual/lpips_golden");
    let (_, map) = network(Network::SqueezeNet);
    let backbone = Backbone::new(Network::SqueezeNet, &map, &device).unwrap();
    let lpips = PerceptualDistance::lpips(backbone, &heads(), &device).unwrap();
    let input = |name: &str| {
        let frames = vectors.tensor::<4>(name).slice([0..1, 0..3, 0..32, 0..32]);
        Tensor::<4>::from_data(frames.into_data(), &device)
    };
    let b = input("in1").require_grad();
    let gradients = lpips.distance(input("in0"), b.clone()).sum().backward();
    let found = values(b.grad(&gradients).unwrap());
    let expected = vectors.raw("squeeze.grad_in1_32x32").1;
    let largest = expected.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() <= 1e-4 * largest, "{a} for {b}");
    }
}

#[test]
fn the_training_lpips_is_the_references() {
    let device = Device::flex();
    let vectors = Vectors::open("perceptual/lpips_tiny");
    let mut map = TensorMap::default();
    for name in vectors.names() {
        if let Some(key) = name.strip_prefix("param.") {
            let (shape, values) = vectors.raw(&name);
            map.insert(key, shape, values);
        }
    }
    let backbone = Backbone::new(Network::Vgg16, &map, &device).unwrap();
    for (tap, features) in backbone
        .features(vectors.tensor("in0"))
        .into_iter()
        .enumerate()
    {
        vectors.check(&format!("feat{tap}_of_in0"), features, 1e-5);
    }
    let lpips = PerceptualDistance::with_heads(backbone, &map, "", &device).unwrap();
    let found = values(lpips.distance(vectors.tensor("in0"), vectors.tensor("in1")));
    close(&found, &vectors.raw("out").1, "distance");
}

#[test]
fn both_pytorch_formats_are_read() {
    for form in ["zip", "legacy"] {
        let bytes = std::fs::read(fixture(&format!("perceptual/{form}.pth"))).unwrap();
        let map = TensorMap::read(&bytes).unwrap();
        let (shape, values) = map.get("features.0.weight").unwrap();
        assert_eq!(shape, [2, 3]);
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(map.get("features.0.bias").unwrap().1, [0.5, -0.5]);
        for length in 0..bytes.len() {
            // Damaged files must not panic.
            let _ = TensorMap::read(&bytes[..length]);
        }
    }
}

#[test]
fn another_networks_file_is_named() {
    let (_, map) = network(Network::AlexNet);
    let error = Backbone::new(Network::SqueezeNet, &map, &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("look like AlexNet"), "{error}");
}
