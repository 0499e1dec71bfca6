//! `reconstruct`: a video through the model and back.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clips::{ffmpeg, video};
use codec::MaskArg;
use evaluation::compare;

use super::model_args::{ModelArgs, Opened};
use super::refuse_overwriting::refuse_overwriting;
use super::size_args::SizeArgs;
use super::written_size::note_on_sides;

#[derive(Args, Clone, Debug)]
pub(crate) struct ReconstructArgs {
    /// The video file.
    pub(crate) video: PathBuf,
    /// The reconstruction to write.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// What to keep of the latent, instead of what the model was trained with: none, paper50,
    /// lowpass50, ..., {"groups": [..]}, or a mask file of LC-VAE's authors, FILE.json.
    #[arg(long, value_parser = MaskArg::parse)]
    pub(crate) mask: Option<MaskArg>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Runs `reconstruct`.
pub(crate) fn reconstruct(args: &ReconstructArgs) -> Result<()> {
    refuse_overwriting(&args.video, &args.output)?;
    let Opened {
        codec,
        place,
        device,
    } = args.model.open()?;
    let input = video::read(&args.video, &args.size.part())?;
    let config = codec.model.config();
    let own = MaskArg::Choice(config.mask().clone());
    let mask = args.mask.as_ref().unwrap_or(&own);
    let built = mask.choice(config.channels())?.build(config.channels())?;

    let shots = codec.shots(&input.clip);
    let result = codec.reconstruct(&input.clip, &shots, &built)?;
    ffmpeg::encode(&args.output, &result.clip, input.rate)?;
    let score = compare(&args.video.display().to_string(), &input.clip, &result)?;
    let extent = input.clip.extent();
    say!("model:           {}", place.display());
    say!("device:          {device}");
    say!(
        "clip:            {} frames of {}x{}{}",
        extent.frames,
        extent.width,
        extent.height,
        note_on_sides(extent)
    );
    if shots.len() > 1 {
        say!("shots:           {}, each coded by itself", shots.len());
    }
    say!(
        "latent:          {} channels, {}, {} effective",
        config.channels(),
        mask.label(),
        built.effective_channels()
    );
    say!("PSNR:            {:.2} dB", score.psnr);
    say!("SSIM:            {:.4}", score.ssim);
    say!("energy retained: {:.2} %", 100.0 * result.retained);
    say!("encoding:        {:.0} ms", 1000.0 * result.encode_seconds);
    say!("decoding:        {:.0} ms", 1000.0 * result.decode_seconds);
    Ok(())
}
