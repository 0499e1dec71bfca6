//! `publish`: a run's model among those that the page ships.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use clap::Args;
use codec::check_finite;
use files::sha256;
use files::write_whole;
use protocol::ModelEntry;
use vae::WeightFormat;

#[derive(Args, Debug)]
pub(crate) struct PublishArgs {
    /// The run's folder.
    pub(crate) run: PathBuf,
    /// The model's folder and its name in the page's address.
    #[arg(long)]
    pub(crate) id: String,
    /// What the page calls it.
    #[arg(long)]
    pub(crate) name: String,
    /// The models beside which the page lists it.
    #[arg(long)]
    pub(crate) family: String,
    /// One sentence: what it is and what to expect.
    #[arg(long)]
    pub(crate) summary: String,
    /// Markdown to append to the run's card.
    #[arg(long)]
    pub(crate) notes: Option<PathBuf>,
    /// The folder of the page's models.
    #[arg(long, default_value = "models")]
    pub(crate) into: PathBuf,
}

const INDEX: &str = "index.json";

/// Runs `publish`: writes weights in half precision, config and card into a folder of their own,
/// and the entry that the page reads.
pub(crate) fn publish(args: &PublishArgs) -> Result<()> {
    let codec = codec::open(&args.run, Device::flex())?;
    let config = codec.model.config();
    let weights = codec.model.to_safetensors(WeightFormat::F16, &[])?;

    check_finite(&weights).context("the model cannot be published")?;

    let folder = args.into.join(&args.id);
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    write_whole(&folder.join(codec::WEIGHTS), &weights)?;
    write_whole(&folder.join(codec::CONFIG), config.to_json().as_bytes())?;
    write_whole(&folder.join(codec::CARD), card(args)?.as_bytes())?;

    let entry = ModelEntry {
        id: args.id.clone(),
        name: args.name.clone(),
        family: args.family.clone(),
        summary: args.summary.clone(),
        config: format!("{}/{}", args.id, codec::CONFIG),
        weights: format!("{}/{}", args.id, codec::WEIGHTS),
        bytes: weights.len() as u64,
        sha256: sha256(&weights),
        mask: config.mask().clone(),
    };
    say!(
        "{}: {} bytes, sha256 {}",
        folder.display(),
        entry.bytes,
        entry.sha256
    );
    list(&args.into.join(INDEX), entry)
}

/// The run's own card, and what was measured on it since.
fn card(args: &PublishArgs) -> Result<String> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    let own = read(&args.run.join(codec::EXPORT).join(codec::CARD))?;
    Ok(match &args.notes {
        None => own,
        Some(notes) => format!("{own}\n{}", read(notes)?),
    })
}

/// Puts the entry into the index: in the place of the one with the same id, else at the end.
fn list(index: &Path, entry: ModelEntry) -> Result<()> {
    let mut entries: Vec<ModelEntry> = match fs::read_to_string(index) {
        Ok(text) => serde_json::from_str(&text)
            .with_context(|| format!("{} is not a list of models", index.display()))?,
        Err(_) => Vec::new(),
    };
    match entries.iter_mut().find(|known| known.id == entry.id) {
        Some(known) => *known = entry,
        None => entries.push(entry),
    }
    write_whole(
        index,
        format!("{}\n", serde_json::to_string_pretty(&entries)?).as_bytes(),
    )?;
    Ok(())
}
