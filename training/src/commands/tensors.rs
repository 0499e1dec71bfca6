//! `tensors`: a model on a tensor file, step by step, for comparison with other implementations.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use burn::tensor::Tensor;
use clap::Args;
use codec::normal;
use codec::tensor_file::{from_file, serialise};
use files::write_whole;
use safetensors::SafeTensors;
use vae::{Autoencoder, ClipError, ModelConfig};
use wavelet::{Mask, compact, multi_wt};

use super::refuse_overwriting::refuse_overwriting;
use crate::device::{DeviceKind, choose};

#[derive(Args, Clone, Debug)]
pub(crate) struct TensorsArgs {
    /// The model's config, the reference's own JSON [default: what the weight file says or looks
    /// like].
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The model's weights (safetensors, reference names).
    #[arg(long)]
    pub(crate) weights: PathBuf,
    /// A safetensors file with the f32 tensor `video`, [B, 3, T, H, W] in [-1, 1].
    #[arg(long)]
    pub(crate) input: PathBuf,
    /// The safetensors file to write.
    #[arg(long)]
    pub(crate) output: PathBuf,
    /// Use a posterior sample, drawn from this seed, instead of the mean.
    #[arg(long)]
    pub(crate) sample_seed: Option<u64>,
    /// Decode the latent as it is, without the mask.
    #[arg(long)]
    pub(crate) no_compression: bool,
    /// The device, instead of the CPU.
    #[arg(long, value_enum, default_value = "cpu")]
    pub(crate) device: DeviceKind,
}

/// Runs `tensors`.
///
/// Writes f32 tensors: `mean`, `logvar`, `latent` (the mean, or a sample), `sample` (decoded,
/// unclamped); for models that compress also `coefficients` (the whole Multi-WT of the latent),
/// `kept` (the channels that the mask keeps, ascending) and `restored` (what is decoded unless
/// compression is off).
pub(crate) fn tensors(args: &TensorsArgs) -> Result<()> {
    for input in [&args.input, &args.weights] {
        refuse_overwriting(input, &args.output)?;
    }
    let device = choose(Some(args.device))?.device;
    let model = codec::load(args.config.as_deref(), &args.weights, &device)?;
    let shown = args.input.display();
    let bytes = fs::read(&args.input).with_context(|| format!("{shown} cannot be read"))?;
    let video = SafeTensors::deserialize(&bytes)
        .map_err(anyhow::Error::from)
        .and_then(|file| from_file(&file, "video", &device))
        .with_context(|| format!("{shown} cannot be used"))?;
    let mask = model.config().mask().build(model.config().channels())?;
    let compresses = model.config().compresses() || !mask.keeps_everything();
    check(&video.dims(), model.config())?;

    let posterior = model.encode(video).posterior;
    let latent = match args.sample_seed {
        Some(seed) => posterior.sample(normal(posterior.mean.dims(), seed, &device)),
        None => posterior.mode(),
    };
    let mut results = vec![
        ("mean", posterior.mean.clone()),
        ("logvar", posterior.logvar.clone()),
        ("latent", latent.clone()),
    ];
    let mut decoded = latent.clone();
    if compresses {
        let (coefficients, kept, restored) = compression(&model, latent, &mask)?;
        if !args.no_compression {
            decoded = restored.clone();
        }
        results.extend([
            ("coefficients", coefficients),
            ("kept", kept),
            ("restored", restored),
        ]);
    }
    let frames = decoded.dims()[2];
    ensure!(
        !model.config().compresses() || frames.is_multiple_of(2),
        "a latent of {frames} frames cannot be decoded without compression; give the video {} frames",
        model.config().frame_rule().padded(1)
    );
    results.push(("sample", model.decode(decoded).sample));
    write_whole(&args.output, &serialise(results, None)?)?;
    Ok(())
}

/// The Multi-WT coefficients, those kept, and the latent from those kept. Of a causal model's
/// latent some frames are not transformed, by default the first.
fn compression(
    model: &Autoencoder,
    latent: Tensor<5>,
    mask: &Mask,
) -> Result<(Tensor<5>, Tensor<5>, Tensor<5>)> {
    let range = model.config().compressed_frames(latent.dims()[2]);
    ensure!(
        !range.is_empty(),
        "the video is too short to be compressed; give it more frames"
    );
    let transformed = latent.clone().slice_dim(2, range);
    let coefficients = multi_wt(transformed, model.config().constants());
    let kept = compact(coefficients.clone(), mask)?;
    Ok((coefficients, kept, model.restore(latent, mask)?))
}

/// Refuses what the model cannot encode. Frames at the end that do not fill a latent frame are left
/// out, as in the references, and told.
fn check(shape: &[usize; 5], config: &ModelConfig) -> Result<()> {
    let [batch, channels, frames, height, width] = *shape;
    ensure!(
        channels == 3,
        "the tensor `video` has {channels} channels; it needs 3: [B, 3, T, H, W]"
    );
    ensure!(batch > 0, "the tensor `video` is empty");
    match config.check_clip(frames, height, width) {
        Err(error @ ClipError::Frames { .. }) if !config.compresses() => {
            note!("the last frames are left out: {error}");
            Ok(())
        }
        // Symmetric models pad such a clip themselves.
        Err(ClipError::Frames { .. }) => Ok(()),
        checked => checked.context("the tensor `video` cannot be encoded"),
    }
}
