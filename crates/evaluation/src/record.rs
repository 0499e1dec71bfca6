//! The results as JSON, with all that is needed to get them again.

use anyhow::Result;
use codec::mask::written;
use files::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clip_network::ClipNetwork;
use crate::heading::Heading;
use crate::latents::Latents;
use crate::rfvd::rfvd;
use crate::rows::Row;
use crate::sample::Sample;
use crate::score::ClipScore;
use crate::sets::{Set, content};

/// How a record came about.
pub struct Provenance {
    /// The command that was run.
    pub command: String,
    /// The commit of the repository that it was run in, if there is one.
    pub commit: Option<String>,
}

/// The whole record.
pub(crate) fn record(
    heading: &Heading,
    sets: &[Set],
    latents: &[Latents],
    provenance: &Provenance,
) -> Result<Value> {
    let rfvd = heading.rfvd.as_ref();
    let sets = sets.iter().map(|one| set(one, rfvd));
    let sets: Vec<Value> = sets.collect::<Result<_>>()?;
    let latents: serde_json::Map<String, Value> = latents
        .iter()
        .map(|own| (own.model.clone(), own.content.to_json()))
        .collect();
    let mut record = json!({
        "command": provenance.command,
        "commit": provenance.commit,
        "latents": latents,
        "version": env!("CARGO_PKG_VERSION"),
        "method": heading.method,
        "protocol": heading.protocol,
        "device": heading.device,
        "yardsticks": heading.yardsticks,
        "perceptual": heading.distance,
        "units": {
            "psnr": "dB, mean of frames",
            "ssim": "mean of frames",
            "grid": "mean |jump of the error| across edges of 8x8 blocks over that elsewhere",
            "flicker": "mean |difference of frame-to-frame changes|, values in [0, 1]",
            "retained": "share of the latent's energy that the mask keeps",
        },
        "sets": sets,
    });
    if let Some(network) = rfvd {
        record["rfvd"] = json!({
            "what": network.describe(),
            "mode": network.mode.to_string(),
            "file": network.file,
            "file_sha256": network.sha256,
        });
    }
    Ok(record)
}

fn set(set: &Set, rfvd: Option<&ClipNetwork>) -> Result<Value> {
    let clips: Vec<Value> = set.samples.iter().map(clip).collect::<Result<_>>()?;
    let all: Vec<usize> = (0..set.samples.len()).collect();
    let parts = set.parts.iter().map(|part| {
        let names: Vec<&str> = part
            .members
            .iter()
            .map(|&i| set.samples[i].name.as_str())
            .collect();
        let rows = set.rows.iter();
        let rows = rows.map(|row| means(set, row, &part.members, rfvd));
        let rows: Vec<Value> = rows.collect::<Result<_>>()?;
        Ok(json!({"title": part.title, "clips": names, "rows": rows}))
    });
    let rows = set.rows.iter().map(|row| {
        let mut value = means(set, row, &all, rfvd)?;
        value["clips"] = row.scores.iter().map(score).collect();
        Ok(value)
    });
    Ok(json!({
        "title": set.title,
        "data_sha256": hash(&set.samples),
        "clips": clips,
        "rows": rows.collect::<Result<Vec<Value>>>()?,
        "parts": parts.collect::<Result<Vec<Value>>>()?,
    }))
}

fn clip(sample: &Sample) -> Result<Value> {
    let content = content(sample)?;
    Ok(json!({"name": sample.name, "texture": content.texture, "motion": content.motion}))
}

/// A row's figures over some of its clips. Numbers that do not exist are null.
fn means(set: &Set, row: &Row, members: &[usize], network: Option<&ClipNetwork>) -> Result<Value> {
    let average = |figure| row.mean(members, figure);
    let mut value = json!({
        "model": row.name,
        "how": row.kind.label(),
        "mask": row.choice.as_ref().map(written).transpose()?,
        "mask_label": row.mask,
        "channels": row.latent.map(|(channels, _)| channels),
        "keep_ratio": row.latent.map(|(_, kept)| kept),
        "effective_channels": row.effective(),
        "values": row.values,
        "psnr": average(|s| Some(s.psnr)),
        "ssim": average(|s| Some(s.ssim)),
        "flicker": average(|s| s.flicker),
        "grid": average(|s| s.grid),
        "retained": average(|s| s.retained),
        "perceptual": average(|s| s.perceptual),
    });
    if let Some(network) = network {
        value["rfvd"] = json!({
            "value": rfvd(network.mode, &set.logits, row, members)?,
            "mode": network.mode.to_string(),
            "clips": members.len(),
            "covariance": network.mode.has_covariance(members.len()),
        });
    }
    Ok(value)
}

fn score(score: &ClipScore) -> Value {
    json!({
        "name": score.name,
        "psnr": score.psnr,
        "ssim": score.ssim,
        "flicker": score.flicker,
        "grid": score.grid,
        "retained": score.retained,
        "perceptual": score.perceptual,
    })
}

/// How to get the same tables again: command, commit and clips, as Markdown.
pub(crate) fn provenance(sets: &[Set], provenance: &Provenance) -> String {
    let commit = provenance.commit.as_ref();
    let commit = commit.map_or(String::new(), |commit| format!(" at commit {commit}"));
    let mut text = format!(
        "\nWritten by `{}`{commit}. SHA-256 of the clips as cut:\n",
        provenance.command
    );
    for set in sets {
        text.push_str(&format!("* {}: {}\n", set.title, hash(&set.samples)));
    }
    text
}

/// A hash of the names and frames that were compared with, as cut.
fn hash(samples: &[Sample]) -> String {
    let mut hash = Sha256::new();
    for sample in samples {
        hash.update(format!("{} {:?}\n", sample.name, sample.clip.extent()));
        hash.update(sample.clip.data());
    }
    hex(&hash.finalize())
}
