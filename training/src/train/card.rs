//! The model card that goes with an export.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;
use evaluation::{ClipScore, mean};

use crate::checkpoint::Progress;
use crate::config::{Config, Start};

/// What a card says.
pub(crate) struct Facts<'a> {
    pub(crate) config: &'a Config,
    pub(crate) progress: &'a Progress,
    pub(crate) device: &'a str,
    pub(crate) data: &'a str,
    pub(crate) parameters: usize,
    /// What the perceptual loss may be called.
    pub(crate) perceptual: Option<String>,
    pub(crate) scores: &'a [ClipScore],
}

/// The card as Markdown.
pub(crate) fn write(facts: &Facts<'_>) -> Result<String> {
    let Facts {
        config, progress, ..
    } = facts;
    let model = config.model()?;
    let mask = model.mask().build(model.channels())?;
    let data = &config.data;
    let time = humantime::format_duration(Duration::from_secs(progress.seconds as u64));
    let rows = [
        ("Latent channels", model.channels().to_string()),
        (
            "Trained with mask",
            format!(
                "{} ({:.0} % kept, {} effective channels)",
                model.mask().label(),
                100.0 * mask.keep_ratio(),
                mask.effective_channels()
            ),
        ),
        ("Weights", facts.parameters.to_string()),
        ("Data", facts.data.to_owned()),
        (
            "Windows",
            format!(
                "{} of {} frames, {}x{}, {}",
                data.batch,
                data.frames,
                data.size,
                data.size,
                match data.max_stride {
                    1 => "consecutive".to_owned(),
                    stride => format!("up to {stride} frames apart"),
                }
            ),
        ),
        ("Steps", format!("{} of {}", progress.step, config.steps)),
        ("Skipped steps", progress.skipped.to_string()),
        ("Training time", time.to_string()),
        ("Device of the last sitting", facts.device.to_owned()),
        ("Seed", config.seed.to_string()),
    ];
    let mut card = format!("# {}\n\n", config.name);
    let start = match (&config.init, config.start) {
        (Some(_), _) => "other weights (`init` below)",
        (None, Start::Random) => "random weights",
        (None, Start::Principal) => "principal components of its training windows",
    };
    writeln!(
        card,
        "Trained from {start} with {}. These are the averaged weights.\n\n| | |\n|---|---|",
        losses(config, facts.perceptual.as_deref())
    )?;
    for (name, value) in rows {
        writeln!(card, "| {name} | {value} |")?;
    }
    write_scores(&mut card, facts)?;
    let config = without_places(config).to_toml()?;
    writeln!(card, "\n## Config\n\n```toml\n{config}```")?;
    Ok(card)
}

/// What was minimised, in words.
fn losses(config: &Config, perceptual: Option<&str>) -> String {
    let loss = &config.loss;
    let mut named = vec![];
    let terms = [
        (loss.l1, "L1"),
        (loss.l2, "L2"),
        (loss.ssim, "SSIM"),
        (loss.seams, "block-edge"),
        (loss.kl, "KL"),
        (loss.wavelet, "wavelet"),
    ];
    named.extend(
        terms
            .iter()
            .filter(|(weight, _)| *weight > 0.0)
            .map(|(_, name)| *name),
    );
    named.extend(loss.bands.map(|_| "subband"));
    let adversarial = match config.adversarial {
        Some(_) => "an adversarial loss",
        None => "no adversarial loss",
    };
    let perceptual = match perceptual {
        Some(name) => format!("{name} as perceptual loss"),
        None => "no perceptual loss".to_owned(),
    };
    format!("{} loss, {perceptual} and {adversarial}", named.join(", "))
}

/// The config with the names of its folders only: a card is published, and where the folders lie
/// on somebody's disk is their own business.
fn without_places(config: &Config) -> Config {
    let mut config = config.clone();
    let perceptual = config.loss.perceptual.iter_mut();
    let files = perceptual.flat_map(|own| [&mut own.file, &mut own.heads]);
    let folders = config
        .data
        .folders
        .iter_mut()
        .map(|folder| &mut folder.path);
    for path in folders.chain(files.chain([&mut config.init]).flatten()) {
        if let Some(name) = path.file_name() {
            *path = name.into();
        }
    }
    config
}

fn write_scores(card: &mut String, facts: &Facts<'_>) -> Result<()> {
    if facts.scores.is_empty() {
        return Ok(());
    }
    let (size, frames) = (facts.config.validation.size, facts.config.data.frames);
    writeln!(card, "\n## On held-out clips\n")?;
    writeln!(
        card,
        "Centre crop of {size}x{size}, {frames} frames, posterior mean.\n"
    )?;
    card.push_str("| clip | PSNR (dB) | SSIM |\n|---|---|---|\n");
    for score in facts.scores {
        writeln!(
            card,
            "| {} | {:.2} | {:.4} |",
            score.name, score.psnr, score.ssim
        )?;
    }
    let (psnr, ssim) = (
        mean(facts.scores, |s| s.psnr),
        mean(facts.scores, |s| s.ssim),
    );
    writeln!(card, "| **mean** | **{psnr:.2}** | **{ssim:.4}** |")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_what_was_minimised() {
        let mut config = Config::preset("tiny").unwrap();
        let said = losses(&config, None);
        assert_eq!(
            said,
            "L1, KL loss, no perceptual loss and no adversarial loss"
        );
        config.loss.l2 = 1.0;
        config.adversarial = Some(crate::config::AdversarialConfig::default());
        let said = losses(&config, Some("LPIPS (VGG-16)"));
        let expected = "L1, L2, KL loss, LPIPS (VGG-16) as perceptual loss and an adversarial loss";
        assert_eq!(said, expected);
    }

    #[test]
    fn a_card_names_folders_without_their_places() {
        let mut config = Config::preset("tiny").unwrap();
        config.data.folders = vec![dataset::Folder {
            path: "/home/somebody/clips".into(),
            weight: 1.0,
        }];
        config.init = Some("/home/somebody/runs/first".into());
        let card = without_places(&config).to_toml().unwrap();
        assert!(card.contains("path = \"clips\""), "{card}");
        assert!(card.contains("init = \"first\""), "{card}");
        assert!(!card.contains("somebody"), "{card}");
    }
}
