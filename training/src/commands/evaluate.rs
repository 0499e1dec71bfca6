//! `evaluate`: models and masks side by side on a folder of clips.

use std::path::Path;

use anyhow::{Result, bail};
use clips::{Clip, Frame, centre_crop};
use wavelet::MaskChoice;

use super::perceptual::Perceptual;
use super::score::{ClipScore, mean, score};
use crate::cli::EvaluateArgs;
use crate::codec::Codec;
use crate::data::{Skipped, find_videos};
use crate::device::choose;
use crate::{export, video};

/// Runs `evaluate`: prints a Markdown table with a row for every model and mask.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<()> {
    let chosen = choose(args.device)?;
    let (clips, skipped) = clips(args)?;
    for file in &skipped {
        eprintln!("skipped {}: {}", file.name, file.reason);
    }
    println!(
        "{} clips, {} frames from the start, centre crop {}x{}, posterior mean, on {}\n",
        clips.len(),
        args.frames,
        args.size,
        args.size,
        chosen.name
    );
    let heads = args.lpips_heads.as_deref();
    let perceptual = args.perceptual.as_ref();
    let perceptual = perceptual
        .map(|network| Perceptual::open(network, heads, &chosen.device))
        .transpose()?;
    let column = perceptual.as_ref().map(Perceptual::name);
    let title = column.map_or(String::new(), |name| format!(" {name} |"));
    println!(
        "| model | mask | C | kept | effective C | PSNR (dB) | SSIM | energy retained |{title}"
    );
    println!(
        "|---|---|---|---|---|---|---|---|{}",
        if title.is_empty() { "" } else { "---|" }
    );
    let mut details = String::new();
    for folder in &args.model {
        let codec = export::read(Some(folder), chosen.device.clone())?;
        for mask in masks(args, codec.model.config().mask()) {
            let scores = row(folder, &codec, &mask, &clips, perceptual.as_ref())?;
            if args.per_clip {
                details.push_str(&per_clip(folder, &mask, &scores));
            }
        }
    }
    print!("{details}");
    Ok(())
}

/// What the model was trained with, then what was asked for beside it.
fn masks(args: &EvaluateArgs, own: &MaskChoice) -> Vec<MaskChoice> {
    let others = args.mask.iter().filter(|mask| *mask != own);
    std::iter::once(own).chain(others).cloned().collect()
}

fn row(
    folder: &Path,
    codec: &Codec,
    choice: &MaskChoice,
    clips: &[Named],
    perceptual: Option<&Perceptual>,
) -> Result<Vec<ClipScore>> {
    let config = codec.model.config();
    let mask = choice.build(config.channels())?;
    let scores: Vec<ClipScore> = clips
        .iter()
        .map(|(name, clip)| score(codec, name, clip, &mask, perceptual))
        .collect::<Result<_>>()?;
    let trained = if choice == config.mask() {
        " (as trained)"
    } else {
        ""
    };
    let distance = perceptual.map_or(String::new(), |_| {
        let distance = mean(&scores, |s| s.perceptual.unwrap_or(f64::NAN));
        format!(" {distance:.4} |")
    });
    println!(
        "| {} | {}{trained} | {} | {:.1} % | {} | {:.2} | {:.4} | {:.2} % |{distance}",
        folder.display(),
        choice.label(),
        config.channels(),
        100.0 * mask.keep_ratio(),
        mask.effective_channels(),
        mean(&scores, |s| s.psnr),
        mean(&scores, |s| s.ssim),
        100.0 * mean(&scores, |s| s.retained),
    );
    Ok(scores)
}

fn per_clip(folder: &Path, mask: &MaskChoice, scores: &[ClipScore]) -> String {
    let mut text = format!("\n{}, {}\n\n", folder.display(), mask.label());
    text.push_str("| clip | PSNR (dB) | SSIM |\n|---|---|---|\n");
    for score in scores {
        text.push_str(&format!(
            "| {} | {:.2} | {:.4} |\n",
            score.name, score.psnr, score.ssim
        ));
    }
    text
}

/// A clip and its file's name.
type Named = (String, Clip);

/// The clips, cut to size, and those that cannot be.
fn clips(args: &EvaluateArgs) -> Result<(Vec<Named>, Vec<Skipped>)> {
    let (mut clips, mut skipped) = (Vec::new(), Vec::new());
    for folder in &args.data {
        for path in find_videos(folder)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match centre(&path, args.size, args.frames) {
                Ok(clip) => clips.push((name, clip)),
                Err(error) => skipped.push(Skipped {
                    name,
                    reason: format!("{error:#}"),
                }),
            }
        }
    }
    if clips.is_empty() {
        bail!("none of the clips can be measured; see what was skipped and why");
    }
    Ok((clips, skipped))
}

fn centre(path: &Path, size: usize, frames: usize) -> Result<Clip> {
    let whole = video::read(path, None, Some(frames))?.clip;
    if whole.frames() < frames {
        bail!("it has {} frames, fewer than {frames}", whole.frames());
    }
    let mut clip = Clip::empty(size, size)?;
    for rgb in whole.iter() {
        let frame = Frame::new(whole.width(), whole.height(), rgb.to_vec())?;
        clip.push_frame(&centre_crop(&frame, size, size)?)?;
    }
    Ok(clip)
}
