//! `encode` and `decode`: a video to a latent file and back.
//!
//! What tensors the file has is in [`codec::latent_file`]; its metadata say what clip and
//! model it belongs to, and where the clip cuts.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Tensor;
use clap::Args;
use clips::Extent;
use clips::ffmpeg;
use clips::video;
use codec::latent_file;
use codec::tensor_file::serialise;
use codec::{Codec, MaskArg};
use files::write_whole;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use vae::ModelConfig;
use wavelet::MaskChoice;

use super::model_args::{ModelArgs, Opened};
use super::refuse_overwriting::refuse_overwriting;
use super::size_args::SizeArgs;
use super::written_size::note_on_sides;

#[derive(Args, Clone, Debug)]
pub(crate) struct EncodeArgs {
    /// The video file.
    pub(crate) video: PathBuf,
    /// The latent to write (safetensors).
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// What to keep of the latent, instead of what the model was trained with: as for
    /// `reconstruct`.
    #[arg(long, value_parser = MaskArg::parse)]
    pub(crate) mask: Option<MaskArg>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DecodeArgs {
    /// A latent that `encode` wrote.
    pub(crate) latent: PathBuf,
    /// The video file to write.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

const HEADER: &str = "clip";

/// What a latent belongs to.
#[derive(Serialize, Deserialize)]
struct Header {
    frames: usize,
    height: usize,
    width: usize,
    /// Frames a second.
    rate: f64,
    /// First frames of the second and later shots.
    #[serde(default)]
    cuts: Vec<usize>,
    mask: MaskChoice,
    /// The model's config, as JSON.
    model: String,
    /// Its weights; none in files that were written before they were named.
    #[serde(default)]
    weights: Option<NamedWeights>,
}

/// The weights that a latent was made with.
#[derive(Serialize, Deserialize)]
struct NamedWeights {
    /// What the model was called.
    name: String,
    /// [`Codec::weights_sha256`].
    sha256: String,
}

/// Runs `encode`.
pub(crate) fn encode(args: &EncodeArgs) -> Result<()> {
    refuse_overwriting(&args.video, &args.output)?;
    let Opened { codec, place, .. } = args.model.open()?;
    let input = video::read(&args.video, &args.size.part())?;
    let config = codec.model.config();
    let asked = args.mask.as_ref();
    let asked = asked
        .map(|mask| mask.choice(config.channels()))
        .transpose()?;
    let choice = asked.unwrap_or_else(|| config.mask().clone());
    let mask = choice.build(config.channels())?;

    let shots = codec.shots(&input.clip);
    let latent = codec.encode(&input.clip, &shots)?;
    let tensors = latent_file::tensors(&codec.model, latent, &shots, &mask)?;
    let Extent {
        frames,
        height,
        width,
    } = input.clip.extent();
    let model = config.to_json();
    let header = Header {
        frames,
        height,
        width,
        rate: input.rate,
        cuts: shots.iter().skip(1).map(|shot| shot.frames.start).collect(),
        mask: choice,
        model,
        weights: Some(NamedWeights {
            name: place.display().to_string(),
            sha256: codec.weights_sha256()?,
        }),
    };
    let metadata = HashMap::from([(HEADER.to_owned(), serde_json::to_string(&header)?)]);
    let shapes: Vec<String> = tensors
        .iter()
        .map(|(name, tensor)| format!("{name} {:?}", tensor.dims()))
        .collect();
    let count = |(_, tensor): &(&str, Tensor<5>)| tensor.dims().iter().product::<usize>();
    let values: usize = tensors.iter().map(count).sum();
    write_whole(&args.output, &serialise(tensors, Some(metadata))?)?;
    let raw = input.clip.extent().samples();
    say!("{}: {values} values for {raw} samples", shapes.join(" + "));
    Ok(())
}

/// Runs `decode`.
pub(crate) fn decode(args: &DecodeArgs) -> Result<()> {
    refuse_overwriting(&args.latent, &args.output)?;
    let Opened { codec, place, .. } = args.model.open()?;
    let shown = args.latent.display();
    let bytes = fs::read(&args.latent).with_context(|| format!("{shown} cannot be read"))?;
    let header = header(&bytes, &args.latent)?;
    let config = codec.model.config();
    ensure!(
        ModelConfig::from_json(&header.model)? == *config,
        "{shown} was encoded by another model; name that one with --model"
    );
    check_weights(&header, &codec, &place).with_context(|| shown.to_string())?;

    let mask = header.mask.build(config.channels())?;
    let extent = Extent {
        frames: header.frames,
        height: header.height,
        width: header.width,
    };
    let shots = header
        .shots()
        .with_context(|| format!("{shown} has cuts where there are no frames"))?;
    let shots = config.plan_shots(&shots);
    let file = SafeTensors::deserialize(&bytes)?;
    let clip = latent_file::latent(&codec, &file, &shots, extent, &mask)
        .and_then(|latent| codec.decode(latent, &shots, extent))
        .with_context(|| format!("{shown} cannot be decoded"))?;
    ffmpeg::encode(&args.output, &clip, header.rate)?;
    say!(
        "{} frames of {}x{}{}",
        extent.frames,
        extent.width,
        extent.height,
        note_on_sides(extent)
    );
    Ok(())
}

/// Refuses a latent of other weights, which would be decoded to noise.
fn check_weights(header: &Header, codec: &Codec, place: &Path) -> Result<()> {
    let Some(weights) = &header.weights else {
        return Ok(());
    };
    let own = codec.weights_sha256()?;
    ensure!(
        weights.sha256 == own,
        "it was encoded by {} (weights {}), not by {} (weights {}); name that model with --model",
        weights.name,
        short(&weights.sha256),
        place.display(),
        short(&own)
    );
    Ok(())
}

/// The start of a hash.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

impl Header {
    /// The shots of the clip; `None` if the cuts are not in order or outside it.
    fn shots(&self) -> Option<Vec<Range<usize>>> {
        let starts = [&[0], &self.cuts[..]].concat();
        let ends = [&self.cuts[..], &[self.frames]].concat();
        let shots = starts.into_iter().zip(ends).map(|(start, end)| start..end);
        let shots: Vec<Range<usize>> = shots.collect();
        shots.iter().all(|shot| !shot.is_empty()).then_some(shots)
    }
}

fn header(bytes: &[u8], path: &Path) -> Result<Header> {
    let no_latent = || format!("{} is not a latent that `encode` wrote", path.display());
    let (_, metadata) = SafeTensors::read_metadata(bytes).with_context(no_latent)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(HEADER));
    serde_json::from_str(text.with_context(no_latent)?).with_context(no_latent)
}
