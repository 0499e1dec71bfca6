//! `analyse`: what a model's latent is made of, over a folder of clips.
//!
//! Bands are those of one 3-D Haar step of the latent, as in the paper's figures; paths are those of
//! the Multi-WT, in the order of their true frequency. Latent frames that compression leaves out, such
//! as a causal model's first, are left out.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use evaluation::{Band, LatentContent, Path, strongest, usable};
use files::write_whole;
use serde_json::json;

use super::cut_args::CutArgs;
use super::model_args::ModelArgs;
use super::values::share;
use crate::report::bars;

#[derive(Args, Clone, Debug)]
pub(crate) struct AnalyseArgs {
    /// Folders of video files or of folders of pictures.
    #[arg(long, required = true, num_args = 1..)]
    pub(crate) data: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) cut: CutArgs,
    /// Also print the coefficient channels with the most energy, this share of all (0 to 1), as a
    /// mask for a model's config.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) keep: Option<f64>,
    /// The folder to write analysis.json and the figures (SVG) to.
    #[arg(short, long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Runs `analyse`: writes `analysis.json` and three figures.
pub(crate) fn analyse(args: &AnalyseArgs) -> Result<()> {
    let codec = args.model.open()?.codec;
    let cut = args.cut.cut();
    let samples = usable(&args.data, &cut)?;
    let config = codec.model.config();
    let content = LatentContent::of(&codec, &samples)?;
    let folder = &args.output;
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let mut record = content.to_json();
    record["model"] = serde_json::from_str(&config.to_json())?;
    record["clips"] = samples.iter().map(|sample| sample.name.as_str()).collect();
    record["method"] = json!(format!(
        "{}, posterior mean, figures averaged over clips",
        cut.describe()
    ));
    write_whole(
        &folder.join("analysis.json"),
        format!("{record:#}\n").as_bytes(),
    )?;
    for (name, figure) in figures(&content.bands, &content.paths) {
        write_whole(&folder.join(name), figure.as_bytes())?;
    }
    say_text!(table(&content.bands, &content.paths));
    if let Some(share) = args.keep {
        let channels = strongest(&content.coefficients, share);
        say!("\nmask = {{ channels = {channels:?} }}");
    }
    say!("\nwritten to {}", folder.display());
    Ok(())
}

fn figures(bands: &[Band], paths: &[Path]) -> [(&'static str, String); 3] {
    let energy = bands
        .iter()
        .map(|b| (b.letters.clone(), Some(100.0 * b.share)));
    let rho = bands.iter().map(|b| (b.letters.clone(), b.rho));
    let path = paths.iter();
    let path = path.map(|p| {
        (
            format!("{} ({})", p.letters, p.sequency),
            Some(100.0 * p.share),
        )
    });
    [
        (
            "band-energy.svg",
            bars(
                "Energy of the latent's bands (time, height, width), %",
                energy.collect(),
            ),
        ),
        (
            "band-autocorrelation.svg",
            bars("Lag-1 autocorrelation of the latent's bands", rho.collect()),
        ),
        (
            "path-energy.svg",
            bars(
                "Energy of the temporal paths (sign changes), %",
                path.collect(),
            ),
        ),
    ]
}

fn table(bands: &[Band], paths: &[Path]) -> String {
    let mut text = "| band | energy | autocorrelation |\n|---|---|---|\n".to_owned();
    for band in bands {
        let rho = band.rho.map_or(String::new(), |rho| format!("{rho:.3}"));
        text.push_str(&format!(
            "| {} | {:.2} % | {rho} |\n",
            band.letters,
            100.0 * band.share
        ));
    }
    text.push_str("\n| path | sign changes | energy |\n|---|---|---|\n");
    for path in paths {
        let share = 100.0 * path.share;
        text.push_str(&format!(
            "| {} | {} | {share:.2} % |\n",
            path.letters, path.sequency
        ));
    }
    text
}
