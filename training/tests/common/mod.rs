//! Running the real binary on a model that takes milliseconds a step.
#![allow(dead_code, reason = "every test binary takes what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

/// What every failure exits with.
pub(crate) const FAILURE: i32 = 2;

/// A config of a few thousand weights on 32 frames of 16x16.
pub(crate) fn micro_config(folder: &Path, steps: u64, lr: f64) -> PathBuf {
    let text = format!(
        r#"
name = "micro"
steps = {steps}
seed = 7

[model]
_class_name = "WVAE_Compressed_TopK_multi_wavelet"
latent_dim = 2
base_channels = 4
encoder_num_resblocks = 1
decoder_num_resblocks = 1
encoder_energy_flow_hidden_size = 4
decoder_energy_flow_hidden_size = 4
norm_type = "layernorm"
t_interpolation = "trilinear"
mask = "lowpass50"

[data]
frames = 32
size = 16
batch = 1
max_stride = 2
scenes = 0.1
cache_short_side = 16
cache_frames = 64

[optimiser]
lr = {lr}
warmup_steps = 2
final_lr_ratio = 0.1
betas = [0.9, 0.99]
epsilon = 1e-8
weight_decay = 1e-4
clip_norm = 1.0
ema_decay = 0.9

[loss]
l1 = 1.0
kl = 1e-6
wavelet = 0.0

[validation]
every = 100
clips = 1
size = 16

[run]
log_every = 1
autosave_minutes = 0.0
"#
    );
    let path = folder.join("micro.toml");
    fs::write(&path, text).unwrap();
    path
}

/// The trainer with arguments, not started yet.
pub(crate) fn trainer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
    command.args(arguments);
    command
}

/// Runs the trainer to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    trainer(arguments).output().unwrap()
}

/// Runs the trainer and sees that it succeeds.
pub(crate) fn succeed(arguments: &[&str]) -> Output {
    let output = run(arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

/// Runs the trainer and sees that it fails as promised; returns what it said.
pub(crate) fn fail(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(FAILURE), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// What a process wrote to its standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Changes a config file, and sees that there was something to change.
pub(crate) fn amend(config: &Path, change: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(config).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(config, changed).unwrap();
}

/// A VGG-16 of a few channels, as a file that a config can name.
pub(crate) fn narrow_vgg(folder: &Path) -> PathBuf {
    let fixture = "../tests/fixtures/perceptual/lpips_tiny.safetensors";
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let net = file.iter().filter_map(|(name, view)| {
        let name = name.strip_prefix("param.")?;
        name.starts_with("net.").then(|| (name.to_owned(), view))
    });
    let path = folder.join("vgg.safetensors");
    fs::write(&path, safetensors::serialize(net, None).unwrap()).unwrap();
    path
}

/// Every tensor of some parts of a run's checkpoint, by part and name.
pub(crate) fn tensors(checkpoint: &Path, parts: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let bytes = fs::read(checkpoint).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut all = BTreeMap::new();
    for part in parts {
        let inner = file.tensor(part).unwrap();
        for (name, tensor) in SafeTensors::deserialize(inner.data()).unwrap().tensors() {
            all.insert(format!("{part}.{name}"), tensor.data().to_vec());
        }
    }
    all
}

/// A trained micro model's export.
pub(crate) fn export(folder: &Path) -> PathBuf {
    let config = micro_config(folder, 1, 1e-3);
    let run = folder.join("run");
    succeed(&[
        "train",
        "--device",
        "cpu",
        "--config",
        arg(&config),
        "--out",
        arg(&run),
    ]);
    run.join("export")
}

/// Shape and values of every tensor of a file.
pub(crate) fn read(path: &Path) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let all = file.tensors().into_iter();
    all.map(|(name, t)| {
        assert_eq!(t.dtype(), Dtype::F32, "{name}");
        (name, (t.shape().to_vec(), t.data().to_vec()))
    })
    .collect()
}
