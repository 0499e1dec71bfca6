//! What the models' latents are made of, side by side.

use std::path::Path;

use anyhow::Result;
use codec::Codec;

use crate::content::LatentContent;
use crate::sample::Sample;

/// A model and what its latents of the first set of clips are made of.
pub(crate) struct Latents {
    pub(crate) model: String,
    pub(crate) content: LatentContent,
}

impl Latents {
    pub(crate) fn of(folder: &Path, codec: &Codec, samples: &[Sample]) -> Result<Self> {
        Ok(Self {
            model: folder.display().to_string(),
            content: LatentContent::of(codec, samples)?,
        })
    }
}

/// Two Markdown tables with a column for every model; empty without models.
pub(crate) fn table(all: &[Latents]) -> String {
    let Some(first) = all.first() else {
        return String::new();
    };
    let names: Vec<&str> = all.iter().map(|own| own.model.as_str()).collect();
    let mut text = format!(
        "\nWhat the latents are made of\n\n| temporal path | sign changes | {} |\n{}\n",
        names.join(" | "),
        rule(2 + all.len())
    );
    for (i, path) in first.content.paths.iter().enumerate() {
        let shares = all.iter().map(|own| percent(own.content.paths[i].share));
        let shares: Vec<String> = shares.collect();
        let (letters, sequency) = (&path.letters, path.sequency);
        text.push_str(&format!(
            "| {letters} | {sequency} | {} |\n",
            shares.join(" | ")
        ));
    }
    text.push_str(&format!(
        "\n| band (energy, lag-1 autocorrelation) | {} |\n{}\n",
        names.join(" | "),
        rule(1 + all.len())
    ));
    for (i, band) in first.content.bands.iter().enumerate() {
        let cells = all.iter().map(|own| {
            let band = &own.content.bands[i];
            let rho = band.rho.map_or(String::new(), |rho| format!(", {rho:.3}"));
            format!("{}{rho}", percent(band.share))
        });
        let cells: Vec<String> = cells.collect();
        text.push_str(&format!("| {} | {} |\n", band.letters, cells.join(" | ")));
    }
    text
}

fn rule(columns: usize) -> String {
    format!("|{}", "---|".repeat(columns))
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}
