//! Whether two names are of one file.

use std::fs;
use std::path::Path;

/// Whether both paths lead to the same file that exists, by links of either kind too.
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("a"), "").unwrap();
        fs::write(inside("b"), "").unwrap();
        fs::hard_link(inside("a"), inside("link")).unwrap();
        assert!(is_same_file(&inside("a"), &inside("./a")));
        assert!(is_same_file(&inside("a"), &inside("link")));
        assert!(!is_same_file(&inside("a"), &inside("b")));
        assert!(!is_same_file(&inside("none"), &inside("none")));
    }
}
