//! Names of files that change with their contents.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A file name that changes with the contents, so that no cache holds it for too long.
pub(super) fn hashed(stem: &str, extension: &str, contents: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    format!("{stem}-{:016x}.{extension}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_contents() {
        assert_eq!(hashed("a", "css", b"x"), hashed("a", "css", b"x"));
        assert_ne!(hashed("a", "css", b"x"), hashed("a", "css", b"y"));
    }
}
