//! `cargo xtask dist`: compressed copies beside the files, for hosts that send those.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::command::{find, program, run};
use crate::system;

const BROTLI: &str = "brotli";
/// What gets smaller. Weights and pictures do not.
const ENDINGS: [&str; 6] = ["css", "html", "js", "json", "svg", "wasm"];

/// Writes `name.gz` and `name.br` beside every file of a folder that gets smaller.
pub(crate) fn all(folder: &Path) -> Result<()> {
    if find(&[BROTLI]).is_none() {
        system::install(BROTLI, &[BROTLI])?;
    }
    let files = files(folder)?;
    for file in &files {
        gzip(file).with_context(|| format!("{} cannot be compressed", file.display()))?;
    }
    run(program(BROTLI)
        .args(["--best", "--force", "--keep"])
        .args(&files))
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if ENDINGS
            .iter()
            .any(|ending| path.extension() == Some(ending.as_ref()))
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn gzip(file: &Path) -> io::Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(".gz");
    let mut encoder = GzEncoder::new(File::create(name)?, Compression::best());
    io::copy(&mut BufReader::new(File::open(file)?), &mut encoder)?;
    encoder.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_gets_smaller_is_found_everywhere_and_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("models")).unwrap();
        for name in ["page.wasm", "models/index.json", "models/a.safetensors"] {
            fs::write(folder.path().join(name), name.repeat(100)).unwrap();
        }
        let found = files(folder.path()).unwrap();
        let expected = ["models/index.json", "page.wasm"].map(|name| folder.path().join(name));
        assert_eq!(found, expected);
        gzip(&found[1]).unwrap();
        let compressed = fs::read(folder.path().join("page.wasm.gz")).unwrap();
        let mut text = String::new();
        GzDecoder::new(&compressed[..])
            .read_to_string(&mut text)
            .unwrap();
        assert!(compressed.len() < 100 && text == "page.wasm".repeat(100));
    }
}
