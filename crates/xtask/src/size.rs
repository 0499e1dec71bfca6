//! What a visitor downloads, compressed as web servers do.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The page's modules.
pub(crate) const MODULES: [&str; 2] = ["page", "worker"];

/// A module and how large it may be, in bytes after gzip.
struct Limit {
    module: &'static str,
    bytes: usize,
}

const LIMITS: [Limit; 2] = [
    Limit {
        module: MODULES[0],
        bytes: 600_000,
    },
    Limit {
        module: MODULES[1],
        bytes: 3_000_000,
    },
];

/// Prints the size of each WebAssembly module in `dist` and fails when one is over its limit.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let mut over = Vec::new();
    for Limit {
        module,
        bytes: limit,
    } in LIMITS
    {
        let file = fs::read(find_module(dist, module)?)?;
        let gzip = gzip_size(&file)?;
        println!(
            "{module:<8} {:>6.2} MB, {:>5.2} MB gzip, limit {:.2} MB",
            megabytes(file.len()),
            megabytes(gzip),
            megabytes(limit),
        );
        if gzip > limit {
            over.push(module);
        }
    }
    if !over.is_empty() {
        bail!("too large for a page: the module of {}", over.join(" and "));
    }
    Ok(())
}

/// The module's file: its name carries a hash, so it is looked for by its beginning and end.
pub(crate) fn find_module(dist: &Path, module: &str) -> Result<std::path::PathBuf> {
    let entries = fs::read_dir(dist)
        .with_context(|| format!("{} is missing: build the page first", dist.display()))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_module = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let rest = name.strip_prefix(module);
        rest.is_some_and(|rest| rest.starts_with(['-', '_', '.']) && rest.ends_with(".wasm"))
    };
    files
        .find(is_module)
        .with_context(|| format!("no module of {module} in {}", dist.display()))
}

fn gzip_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_name_and_measured() {
        let dist = tempfile::tempdir().unwrap();
        assert!(check(dist.path()).is_err(), "nothing was built");
        fs::write(dist.path().join("page-12ab_bg.wasm"), [0; 2_000_000]).unwrap();
        fs::write(dist.path().join("pager_bg.wasm"), noise(2_000_000)).unwrap();
        fs::write(dist.path().join("worker_bg.wasm"), noise(1_000_000)).unwrap();
        assert!(
            check(dist.path()).is_ok(),
            "zeros compress, and pager is another module"
        );
        fs::write(dist.path().join("page-12ab_bg.wasm"), noise(1_100_000)).unwrap();
        let error = check(dist.path()).unwrap_err().to_string();
        assert!(
            error.contains("page") && !error.contains("worker"),
            "{error}"
        );
    }

    /// Bytes that do not compress.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1u64;
        let next = || {
            state = state
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }
}
