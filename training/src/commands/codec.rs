//! `encode` and `decode`: a video to a latent file and back.
//!
//! The file holds the tensor `latent` `[1, C, T', H', W']` as the decoder gets it, or, where
//! coefficients are dropped and that is less, only the kept ones as `compact` `[1, K, T'/8, H'/2, W'/2]`,
//! with the frames that are not compressed as they are: `before` those that are, and `after`. Its
//! metadata say what clip and model it belongs to.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Tensor;
use clips::Extent;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use vae::{CompactLatent, ModelConfig};
use wavelet::{Mask, MaskChoice};

use crate::checkpoint::write_whole;
use crate::cli::{DecodeArgs, EncodeArgs};
use crate::codec::Codec;
use crate::device::choose;
use crate::export;
use crate::tensor_file::{from_file, serialise};
use crate::video;

const HEADER: &str = "clip";
const LATENT: &str = "latent";
const COMPACT: &str = "compact";
const BEFORE: &str = "before";
const AFTER: &str = "after";
const TIME: usize = 2;

/// What a latent belongs to.
#[derive(Serialize, Deserialize)]
struct Header {
    frames: usize,
    height: usize,
    width: usize,
    /// Frames a second.
    rate: f64,
    mask: MaskChoice,
    /// The model's config, as JSON.
    model: String,
}

/// Runs `encode`.
pub(crate) fn encode(args: &EncodeArgs) -> Result<()> {
    let chosen = choose(args.model.device)?;
    let codec = export::read(args.model.model.as_deref(), chosen.device)?;
    let input = video::read(&args.video, &args.size.part())?;
    let config = codec.model.config();
    let asked = args.mask.as_ref();
    let asked = asked
        .map(|mask| mask.choice(config.channels()))
        .transpose()?;
    let choice = asked.unwrap_or_else(|| config.mask().clone());
    let mask = choice.build(config.channels())?;

    let latent = codec.encode(&input.clip)?;
    let tensors = if config.is_compacted(latent.dims()[TIME], &mask) {
        let stored = codec.model.compact(latent, &mask)?;
        let beside = [(BEFORE, stored.before), (AFTER, stored.after)];
        let beside = beside.into_iter().filter_map(|(name, x)| Some((name, x?)));
        [(COMPACT, stored.kept)].into_iter().chain(beside).collect()
    } else {
        vec![(LATENT, codec.model.restore(latent, &mask)?)]
    };
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
        mask: choice,
        model,
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
    println!("{}: {values} values for {raw} samples", shapes.join(" + "));
    Ok(())
}

/// Runs `decode`.
pub(crate) fn decode(args: &DecodeArgs) -> Result<()> {
    let chosen = choose(args.model.device)?;
    let codec = export::read(args.model.model.as_deref(), chosen.device)?;
    let shown = args.latent.display();
    let bytes = fs::read(&args.latent).with_context(|| format!("{shown} cannot be read"))?;
    let header = header(&bytes, &args.latent)?;
    let config = codec.model.config();
    ensure!(
        ModelConfig::from_json(&header.model)? == *config,
        "{shown} was encoded by another model; name that one with --model"
    );

    let mask = header.mask.build(config.channels())?;
    let extent = Extent {
        frames: header.frames,
        height: header.height,
        width: header.width,
    };
    let clip = latent(&codec, &SafeTensors::deserialize(&bytes)?, extent, &mask)
        .and_then(|latent| codec.decode(latent, extent))
        .with_context(|| format!("{shown} cannot be decoded"))?;
    video::write(&args.output, &clip, header.rate)?;
    println!(
        "{} frames of {}x{}",
        extent.frames, extent.width, extent.height
    );
    Ok(())
}

/// The latent in a file, as the decoder gets it.
fn latent(codec: &Codec, file: &SafeTensors<'_>, extent: Extent, mask: &Mask) -> Result<Tensor<5>> {
    let config = codec.model.config();
    let [channels, latents, height, width] = codec.latent_shape(extent);
    let read = |name: &str, shape: [usize; 5]| {
        let tensor = from_file(file, name, &codec.device)?;
        let found = tensor.dims();
        ensure!(
            found == shape,
            "`{name}` is {found:?} where {shape:?} is due"
        );
        Ok(tensor)
    };
    let frames = |name: &str, count: usize| read(name, [1, channels, count, height, width]);
    if !config.is_compacted(latents, mask) {
        return frames(LATENT, latents);
    }
    let compressed = config.compressed_frames(latents);
    let beside = |name: &str, count: usize| (count > 0).then(|| frames(name, count)).transpose();
    let blocks = compressed.len().div_ceil(8);
    let kept = [1, mask.kept_count(), blocks, height / 2, width / 2];
    let stored = CompactLatent {
        before: beside(BEFORE, compressed.start)?,
        kept: read(COMPACT, kept)?,
        after: beside(AFTER, latents - compressed.end)?,
    };
    Ok(codec.model.expand(stored, mask, latents)?)
}

fn header(bytes: &[u8], path: &Path) -> Result<Header> {
    let no_latent = || format!("{} is not a latent that `encode` wrote", path.display());
    let (_, metadata) = SafeTensors::read_metadata(bytes).with_context(no_latent)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(HEADER));
    serde_json::from_str(text.with_context(no_latent)?).with_context(no_latent)
}
