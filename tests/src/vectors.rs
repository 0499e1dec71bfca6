//! Reference vectors: tensors in safetensors files, compared within a stated tolerance.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vae::{Autoencoder, ModelConfig, WeightFormat};

/// A file of reference tensors.
pub struct Vectors {
    bytes: Vec<u8>,
    name: String,
}

/// The path of a fixture.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

impl Vectors {
    /// Opens `fixtures/<name>.safetensors`.
    ///
    /// # Panics
    /// If the file is not there.
    pub fn open(name: &str) -> Self {
        let path = fixture(&format!("{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            bytes,
            name: name.to_owned(),
        }
    }

    /// A file that was just written.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            name: "a new file".to_owned(),
        }
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The seed of the formula weights that the tensors were made with.
    ///
    /// # Panics
    /// If the file does not say.
    pub fn seed(&self) -> u64 {
        let (_, metadata) = SafeTensors::read_metadata(&self.bytes).expect("a safetensors fixture");
        let metadata = metadata.metadata().as_ref().expect("metadata");
        metadata["seed"].parse().expect("a number")
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        let file = SafeTensors::deserialize(&self.bytes).expect("a safetensors fixture");
        file.names().into_iter().map(str::to_owned).collect()
    }

    /// Shape and values of one tensor.
    ///
    /// # Panics
    /// If it is not there or not f32 or u8.
    pub fn raw(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let file = SafeTensors::deserialize(&self.bytes).expect("a safetensors fixture");
        let view = file
            .tensor(name)
            .unwrap_or_else(|e| panic!("{} in {}: {e}", name, self.name));
        let values = match view.dtype() {
            Dtype::F32 => view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
            Dtype::U8 => view.data().iter().map(|b| f32::from(*b)).collect(),
            other => panic!("{name} is {other:?}"),
        };
        (view.shape().to_vec(), values)
    }

    /// Asserts that a weight file has the same tensors: names, shapes and every bit.
    ///
    /// # Panics
    /// If it has not.
    pub fn check_file(&self, bytes: &[u8]) {
        let file = SafeTensors::deserialize(bytes).expect("a weight file");
        let mut names: Vec<String> = file.names().into_iter().map(str::to_owned).collect();
        let mut expected = self.names();
        names.sort();
        expected.sort();
        assert_eq!(names, expected);
        for name in names {
            let (shape, values) = self.raw(&name);
            let view = file.tensor(&name).expect("a tensor that was named");
            assert_eq!(view.shape(), shape, "{name}");
            let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            assert_eq!(view.data(), bytes, "{name}");
        }
    }

    /// One tensor on the CPU.
    pub fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let (shape, values) = self.raw(name);
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    /// [`check`](Self::check) where the file holds only every n-th number of a tensor: n, and the
    /// shapes of the whole tensors, are in its metadata.
    ///
    /// # Panics
    /// If shape or values differ.
    pub fn check_sampled<const D: usize>(&self, name: &str, found: Tensor<D>, tolerance: f32) {
        let (_, metadata) = SafeTensors::read_metadata(&self.bytes).expect("a safetensors fixture");
        let metadata = metadata.metadata().as_ref().expect("how it was sampled");
        let what = format!("{} of {}", name, self.name);
        assert_eq!(format!("{:?}", found.dims()), metadata[name], "{what}");
        let every = metadata["every"].parse().expect("a number");
        let found: Vec<f32> = values(found).into_iter().step_by(every).collect();
        let (at, worst) = worst_difference(&found, &self.raw(name).1);
        assert!(
            worst <= tolerance,
            "{what}: off by {worst:e} at sample {at}, allowed {tolerance:e}"
        );
    }

    /// Asserts that a tensor equals the reference within an absolute tolerance.
    ///
    /// # Panics
    /// If shape or values differ.
    pub fn check<const D: usize>(&self, name: &str, found: Tensor<D>, tolerance: f32) {
        let (shape, expected) = self.raw(name);
        let what = format!("{} of {}", name, self.name);
        assert_eq!(found.dims().to_vec(), shape, "shape of {what}");
        let found = values(found);
        let (at, worst) = worst_difference(&found, &expected);
        assert!(
            worst <= tolerance,
            "{what}: off by {worst:e} at {at}, allowed {tolerance:e}"
        );
    }
}

/// Whether a tensor of a weight file is a Haar constant, no parameter.
fn is_constant(name: &str) -> bool {
    name.contains("wavelet_transform") || name.contains("temporal_processor")
}

/// The values of a tensor.
///
/// # Panics
/// If it cannot be read.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_into_vec::<f32>()
        .expect("f32 tensor")
}

/// Index and size of the largest absolute difference; a NaN counts as infinite.
pub fn worst_difference(a: &[f32], b: &[f32]) -> (usize, f32) {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .enumerate()
        .fold((0, 0.0), |(at, worst), (i, (x, y))| {
            let difference = if (x - y).is_nan() {
                f32::INFINITY
            } else {
                (x - y).abs()
            };
            if difference > worst {
                (i, difference)
            } else {
                (at, worst)
            }
        })
}

/// A model whose weights follow the formula of spec/wfvae.md Appendix C: no file needed.
///
/// # Panics
/// If the model cannot be written or read back.
pub fn formula_model(config: &ModelConfig, seed: u64) -> Autoencoder {
    let bytes = formula_file(config, seed, Dtype::F32);
    Autoencoder::load(config, &bytes, &Device::flex()).expect("formula weights fit")
}

/// The weight file of such a model: parameters in f32, f16 or bf16, Haar constants in f32.
///
/// # Panics
/// If the model cannot be written.
pub fn formula_file(config: &ModelConfig, seed: u64, dtype: Dtype) -> Vec<u8> {
    let random = Autoencoder::new(config, &Device::flex()).to_safetensors(WeightFormat::F32, &[]);
    let random = random.expect("weights of a fresh model");
    let file = SafeTensors::deserialize(&random).expect("our own file");
    let filled: Vec<(String, Vec<usize>, Dtype, Vec<u8>)> = file
        .iter()
        .map(|(name, view)| {
            let shape = view.shape().to_vec();
            if is_constant(name) {
                return (name.to_owned(), shape, Dtype::F32, view.data().to_vec());
            }
            let values = formula(name, &shape, seed);
            let data = values.flat_map(|value| match dtype {
                Dtype::F16 => f16::from_f32(value).to_le_bytes().to_vec(),
                Dtype::BF16 => bf16::from_f32(value).to_le_bytes().to_vec(),
                _ => value.to_le_bytes().to_vec(),
            });
            let data = data.collect();
            (name.to_owned(), shape, dtype, data)
        })
        .collect();
    let views = filled.iter().map(|(name, shape, dtype, data)| {
        let view = TensorView::new(*dtype, shape.clone(), data).expect("a tensor view");
        (name, view)
    });
    safetensors::serialize(views, None).expect("a file")
}

fn formula(name: &str, shape: &[usize], seed: u64) -> impl Iterator<Item = f32> {
    let fan_in: usize = shape[1..].iter().product();
    let hash = fnv1a(name) ^ seed;
    (0..shape.iter().product::<usize>() as u64).map(move |i| {
        let v = unit(hash, i);
        let value = if name.ends_with("gamma") {
            1.0 + 0.3 * v
        } else if shape.len() >= 2 {
            v * (3.0 / fan_in as f64).sqrt()
        } else if name.ends_with("bias") {
            0.2 * v
        } else {
            1.0 + 0.3 * v
        };
        value as f32
    })
}

/// A tensor by formula, `scale` times numbers in -1..1. Source: spec/lcvae.md Appendix A.
pub fn formula_tensor<const D: usize>(key: &str, shape: [usize; D], scale: f64) -> Tensor<D> {
    let hash = fnv1a(key);
    let count: usize = shape.iter().product();
    let numbers = (0..count as u64).map(|i| (scale * unit(hash, i)) as f32);
    let data = TensorData::new(numbers.collect::<Vec<f32>>(), shape);
    Tensor::from_data(data, &Device::flex())
}

/// The lines of a list of tensors, a name and a shape each, whose name `of` accepts.
///
/// # Panics
/// If there is no such list.
pub fn listed(fixture_name: &str, of: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let text = std::fs::read_to_string(fixture(fixture_name)).expect("a list of tensors");
    let lines = text.lines().map(str::to_owned);
    lines
        .filter(|line| of(line.split('\t').next().unwrap_or_default()))
        .collect()
}

/// Asserts that a model's parameters have the names and shapes of a fixture, one a line.
///
/// # Panics
/// If they have not.
pub fn check_shapes(model: &Autoencoder, fixture_name: &str) {
    let shapes = model.shapes().into_iter();
    let found: BTreeSet<String> = shapes.map(|(n, shape)| format!("{n}\t{shape:?}")).collect();
    assert_eq!(found, listed(fixture_name, |name| !is_constant(name)));
}

/// Asserts that a weight file has the Haar constants of such a fixture; they are the same for every
/// size of a model.
///
/// # Panics
/// If it has not.
pub fn check_constants(bytes: &[u8], fixture_name: &str) {
    let file = SafeTensors::deserialize(bytes).expect("a weight file");
    let line = |(name, view): (&str, TensorView<'_>)| format!("{name}\t{:?}", view.shape());
    let constants = file.iter().filter(|(name, _)| is_constant(name));
    let found: BTreeSet<String> = constants.map(line).collect();
    assert!(!found.is_empty(), "no constants");
    assert_eq!(found, listed(fixture_name, is_constant));
}

/// The latents of a clip, and the frames that they decode to, in chunks of `chunk` latents.
pub fn streamed(model: &Autoencoder, clip: Tensor<5>, chunk: usize) -> (Tensor<5>, Tensor<5>) {
    let config = model.config();
    let mut encoder = model.encoder_stream();
    let plan = config.encode_plan_by(clip.dims()[2], chunk).into_iter();
    let latents = plan.map(|r| encoder.push(clip.clone().narrow(2, r.start, r.len())).mean);
    let latents = Tensor::cat(latents.collect(), 2);
    let mut decoder = model.decoder_stream();
    let plan = config.decode_plan_by(latents.dims()[2], chunk).into_iter();
    let frames = plan.map(|c| {
        let fed = latents.clone().narrow(2, c.latents.start, c.latents.len());
        decoder.push(fed, &c)
    });
    let frames = Tensor::cat(frames.collect(), 2);
    (latents, frames)
}

/// Asserts that chunks of 1, 2, 3 and 5 latents give what the whole gives, for every length up to
/// that of the clip, within `tolerance` times the largest value.
///
/// # Panics
/// If they do not.
pub fn check_streaming(model: &Autoencoder, clip: &Tensor<5>, tolerance: f32) {
    let step = model.config().frame_rule().step;
    for frames in (1..=clip.dims()[2]).step_by(step) {
        let part = clip.clone().narrow(2, 0, frames);
        let mean = model.encode(part.clone()).posterior.mode();
        let sample = model.decode(mean.clone()).sample;
        for chunk in [1, 2, 3, 5] {
            let (latents, decoded) = streamed(model, part.clone(), chunk);
            for (found, whole) in [(latents, &mean), (decoded, &sample)] {
                let largest: f32 = whole.clone().abs().max().into_scalar();
                let what = format!("{frames} frames in chunks of {chunk} latents");
                assert_close(&what, found, whole.clone(), tolerance * largest.max(1.0));
            }
        }
    }
}

/// Asserts that two tensors are equal within an absolute tolerance.
///
/// # Panics
/// If they are not.
pub fn assert_close(what: &str, a: Tensor<5>, b: Tensor<5>, tolerance: f32) {
    assert_eq!(a.dims(), b.dims(), "{what}");
    let (_, worst) = worst_difference(&values(a), &values(b));
    assert!(worst <= tolerance, "{what}: {worst:e}");
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The i-th number in -1..1 of a stream.
fn unit(hash: u64, i: u64) -> f64 {
    let mut x = hash.wrapping_add((i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 31;
    2.0 * ((x >> 40) as f64 / f64::from(1 << 24)) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_specs() {
        assert_eq!(fnv1a("encoder.down1.0.weight"), 0x608c_e624_96ea_0346);
        let first = formula("encoder.down1.0.weight", &[32, 24, 3, 3], 55).next();
        let first = first.unwrap();
        assert!((first - 0.042_078_275).abs() < 1e-9);
    }
}
