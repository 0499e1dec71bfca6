//! The results as Markdown.

use std::fmt::Write;

use anyhow::Result;

use crate::heading::Heading;
use crate::rfvd::rfvd;
use crate::rows::Row;
use crate::sets::Set;

const MEASURES: &str = "flicker: mean absolute difference between the frame-to-frame changes of \
    reconstruction and original; grid: how many times as far the error jumps across the edges of \
    8x8 blocks as elsewhere";

/// The whole text: a table for every set and every part of one.
pub(crate) fn document(heading: &Heading, sets: &[Set], per_clip: bool) -> Result<String> {
    let mut text = format!("{}, on {}; {MEASURES}\n", heading.method, heading.device);
    if let Some(yardsticks) = &heading.yardsticks {
        text.push_str(&format!("\n{yardsticks}\n"));
    }
    if let Some(network) = &heading.rfvd {
        text.push_str(&format!("\n{}\n", network.describe()));
    }
    for set in sets {
        let all: Vec<usize> = (0..set.samples.len()).collect();
        text.push_str(&table(heading, set, &set.title, &all)?);
        for part in &set.parts {
            text.push_str(&table(heading, set, &part.title, &part.members)?);
        }
        if per_clip {
            set.rows
                .iter()
                .for_each(|row| text.push_str(&clips(row, heading)));
        }
    }
    Ok(text)
}

fn table(heading: &Heading, set: &Set, title: &str, members: &[usize]) -> Result<String> {
    let mut columns = vec![
        "model",
        "how",
        "mask",
        "C",
        "kept",
        "effective C",
        "values",
        "PSNR (dB)",
        "SSIM",
        "flicker (of 255)",
        "grid",
        "energy retained",
    ];
    columns.extend(heading.distance.as_deref());
    let mode = heading.rfvd.as_ref().map(|network| network.mode);
    let name = mode.map(|mode| format!("rFVD ({mode})"));
    columns.extend(name.as_deref());
    let mut text = format!("\n{title}\n");
    if let Some(caution) = mode.and_then(|mode| mode.caution(members.len())) {
        text.push_str(&format!("\n{caution}\n"));
    }
    let rules = "---|".repeat(columns.len());
    text.push_str(&format!("\n| {} |\n|{rules}\n", columns.join(" | ")));
    for row in &set.rows {
        let mut cells = cells(row, members, heading.distance.is_some());
        if let Some(mode) = mode {
            cells.push(figure(rfvd(mode, &set.logits, row, members)?, 2, ""));
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    Ok(text)
}

fn cells(row: &Row, members: &[usize], distance: bool) -> Vec<String> {
    let average = |figure| row.mean(members, figure);
    let (channels, kept) = row
        .latent
        .map_or((String::new(), String::new()), |(c, kept)| {
            (c.to_string(), format!("{:.1} %", 100.0 * kept))
        });
    let text = |value: Option<String>| value.unwrap_or_default();
    let mut cells = vec![
        row.name.clone(),
        row.kind.label().to_owned(),
        row.mask.clone(),
        channels,
        kept,
        text(row.effective().map(|c| format!("{c}"))),
        text(row.values.map(|values| values.to_string())),
        psnr(row, members),
        figure(average(|s| Some(s.ssim)), 4, ""),
        figure(255.0 * average(|s| s.flicker), 2, ""),
        figure(average(|s| s.grid), 2, ""),
        figure(100.0 * average(|s| s.retained), 2, " %"),
    ];
    if distance {
        cells.push(figure(average(|s| s.perceptual), 4, ""));
    }
    cells
}

/// The mean PSNR. A clip that comes back as it was has none that is finite: it is counted, and not
/// among those averaged.
fn psnr(row: &Row, members: &[usize]) -> String {
    let is_finite = |i: &&usize| row.scores[**i].psnr != f64::INFINITY;
    let finite: Vec<usize> = members.iter().filter(is_finite).copied().collect();
    let same = members.len() - finite.len();
    match (same, finite.len()) {
        (0, _) => figure(row.mean(members, |s| Some(s.psnr)), 2, ""),
        (_, 0) => "identical".to_owned(),
        (same, _) => {
            let mean = figure(row.mean(&finite, |s| Some(s.psnr)), 2, "");
            format!("{mean} without {same} identical")
        }
    }
}

/// A number, or nothing where there is none.
fn figure(value: f64, places: usize, unit: &str) -> String {
    if value.is_nan() {
        String::new()
    } else {
        format!("{value:.places$}{unit}")
    }
}

fn clips(row: &Row, heading: &Heading) -> String {
    let parts = [row.name.as_str(), row.kind.label(), row.mask.as_str()];
    let title: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut columns = vec!["clip", "PSNR (dB)", "SSIM", "flicker (of 255)", "grid"];
    columns.extend(heading.distance.as_deref());
    let rules = "---|".repeat(columns.len());
    let head = columns.join(" | ");
    let mut text = format!("\n{}\n\n| {head} |\n|{rules}\n", title.join(", "));
    for score in &row.scores {
        let optional = |value: Option<f64>, places| figure(value.unwrap_or(f64::NAN), places, "");
        let mut cells = vec![
            score.name.clone(),
            figure(score.psnr, 2, ""),
            figure(score.ssim, 4, ""),
            optional(score.flicker.map(|flicker| 255.0 * flicker), 2),
            optional(score.grid, 2),
        ];
        if heading.distance.is_some() {
            cells.push(optional(score.perceptual, 4));
        }
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Kind;
    use crate::score::ClipScore;

    #[test]
    fn clips_that_come_back_as_they_were_are_counted_apart() {
        let score = |psnr| ClipScore {
            name: String::new(),
            psnr,
            ssim: 1.0,
            flicker: None,
            grid: None,
            retained: None,
            perceptual: None,
            logits: None,
        };
        let row = Row {
            name: String::new(),
            kind: Kind::Input,
            mask: String::new(),
            choice: None,
            latent: None,
            values: None,
            scores: [30.0, f64::INFINITY, 20.0].map(score).into(),
        };
        assert_eq!(psnr(&row, &[0, 2]), "25.00");
        assert_eq!(psnr(&row, &[0, 1, 2]), "25.00 without 1 identical");
        assert_eq!(psnr(&row, &[1]), "identical");
    }
}
