//! Weights in several files, with an index that says which tensor is in which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use safetensors::SafeTensors;
use serde::Deserialize;

use super::names;

const ENDING: &str = ".safetensors.index.json";

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// Whether a file's name is that of an index.
pub(super) fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with(ENDING)
}

/// The index of a folder, if it has one.
pub(crate) fn index_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| is_index(path))
}

/// All pieces as one file.
pub(super) fn read(path: &Path, index: &[u8], notes: &mut Vec<String>) -> Result<Vec<u8>> {
    let index: Index = serde_json::from_slice(index).context("it is no index of weights")?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files: BTreeSet<&String> = index.weight_map.values().collect();
    let pieces = files.into_iter().map(|name| {
        let plain = Path::new(name)
            .file_name()
            .is_some_and(|own| own == name.as_str());
        ensure!(plain, "the piece {name} does not lie beside its index");
        let bytes = fs::read(folder.join(name));
        Ok((
            name,
            bytes.with_context(|| format!("the piece {name} cannot be read"))?,
        ))
    });
    let pieces: BTreeMap<&String, Vec<u8>> = pieces.collect::<Result<_>>()?;
    let mut read = BTreeMap::new();
    for (name, bytes) in &pieces {
        let damaged = || format!("the piece {name} is damaged or cut short");
        read.insert(
            *name,
            SafeTensors::deserialize(bytes).with_context(damaged)?,
        );
    }
    notes.push(format!("safetensors in {} pieces", read.len()));
    let names = index.weight_map.keys().map(String::as_str).collect();
    let plain = names::plain(names, notes);
    let same = || {
        index
            .weight_map
            .keys()
            .map(|name| (name.clone(), name.clone()))
    };
    let plain = plain.unwrap_or_else(|| same().collect());
    let views = plain.into_iter().map(|(old, new)| {
        let piece = &read[&index.weight_map[&old]];
        let missing = || format!("{old} is not where the index says");
        Ok((new, piece.tensor(&old).with_context(missing)?))
    });
    Ok(safetensors::serialize(
        views.collect::<Result<Vec<_>>>()?,
        None,
    )?)
}
