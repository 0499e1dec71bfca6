//! Files that are often taken for weights.

use anyhow::{Result, ensure};

/// How Git LFS begins what it leaves in the place of a large file.
const POINTER: &[u8] = b"version https://git-lfs";

/// Names what is no file of weights at all.
pub(super) fn refuse_what_is_none(bytes: &[u8]) -> Result<()> {
    ensure!(!bytes.is_empty(), "it is empty; copy or download it again");
    ensure!(
        !bytes.starts_with(POINTER),
        "it is a Git LFS pointer, not the weights themselves; run `git lfs pull` where it came from"
    );
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).to_lowercase();
    let start = start.trim_start();
    ensure!(
        !start.starts_with("<!doctype") && !start.starts_with("<html"),
        "it is a page of HTML, not weights; download the file itself"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_and_pages_are_named() {
        let said = |bytes: &[u8]| refuse_what_is_none(bytes).unwrap_err().to_string();
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        assert!(said(pointer).contains("git lfs pull"));
        assert!(said(b"\n<!DOCTYPE html><html>").contains("a page of HTML"));
        assert!(said(b"").contains("empty"));
        refuse_what_is_none(b"anything else").unwrap();
    }
}
