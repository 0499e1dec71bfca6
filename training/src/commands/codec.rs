//! `encode` and `decode`: a video to a latent file and back.
//!
//! The file holds the tensor `latent` `[1, C, T', H', W']`, or, where a symmetric model drops
//! coefficients, only the kept ones as `compact` `[1, K, T'/8, H'/2, W'/2]`; its metadata say what
//! clip and model it belongs to.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Tensor;
use clips::Extent;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use vae::ModelConfig;
use wavelet::{Mask, MaskChoice, compact, expand, inverse_multi_wt, multi_wt};

use crate::checkpoint::write_whole;
use crate::cli::{DecodeArgs, EncodeArgs};
use crate::device::choose;
use crate::export;
use crate::tensor_file::{from_file, serialise};
use crate::video;

const HEADER: &str = "clip";
const LATENT: &str = "latent";
const COMPACT: &str = "compact";

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
    let (name, tensor) = if is_compact(config, &mask) {
        (
            COMPACT,
            compact(multi_wt(latent, config.constants()), &mask)?,
        )
    } else {
        (LATENT, codec.model.restore(latent, &mask)?)
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
    let shape = tensor.dims();
    write_whole(
        &args.output,
        &serialise(vec![(name, tensor)], Some(metadata))?,
    )?;
    let values: usize = shape.iter().product();
    let raw = input.clip.extent().samples();
    println!("{name} {shape:?}: {values} values for {raw} samples");
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

    let file = SafeTensors::deserialize(&bytes)?;
    let latent: Tensor<5> = match file.tensor(COMPACT) {
        Ok(_) => {
            let mask = header.mask.build(config.channels())?;
            let coefficients = expand(from_file(&file, COMPACT, &codec.device)?, &mask)?;
            inverse_multi_wt(coefficients, config.constants())
        }
        Err(_) => from_file(&file, LATENT, &codec.device)?,
    };
    let extent = Extent {
        frames: header.frames,
        height: header.height,
        width: header.width,
    };
    let clip = codec
        .decode(latent, extent)
        .with_context(|| format!("{shown} cannot be decoded"))?;
    video::write(&args.output, &clip, header.rate)?;
    println!(
        "{} frames of {}x{}",
        extent.frames, extent.width, extent.height
    );
    Ok(())
}

/// Whether only the kept coefficients are stored: symmetric models, whose latents are whole
/// groups of 8 frames, and masks that drop something.
fn is_compact(config: &ModelConfig, mask: &Mask) -> bool {
    config.compresses() && !mask.keeps_everything()
}

fn header(bytes: &[u8], path: &Path) -> Result<Header> {
    let no_latent = || format!("{} is not a latent that `encode` wrote", path.display());
    let (_, metadata) = SafeTensors::read_metadata(bytes).with_context(no_latent)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(HEADER));
    serde_json::from_str(text.with_context(no_latent)?).with_context(no_latent)
}
