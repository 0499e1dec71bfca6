//! The cache's index: what became of each video, one line of JSON each, added when it is known.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

const NAME: &str = "index.jsonl";

/// What became of a video.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Entry {
    Decoded {
        frames: usize,
        height: usize,
        width: usize,
        /// In order.
        shots: Vec<Range<usize>>,
    },
    Unusable {
        reason: String,
    },
}

/// A line: a key of the video's path, size and date and of how it was decoded, and the rest.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    key: std::borrow::Cow<'a, str>,
    #[serde(flatten)]
    entry: Entry,
}

/// An index that several threads read and add to.
pub(crate) struct Index {
    state: Mutex<State>,
}

struct State {
    entries: BTreeMap<String, Entry>,
    path: PathBuf,
    /// Opened with the first entry that is added.
    file: Option<File>,
    /// A process was killed within a line: the next one begins anew.
    torn: bool,
}

impl Index {
    /// Reads the index of a folder. Lines that are damaged only cost decoding again; of several
    /// lines on one video the last counts.
    pub(crate) fn open(folder: &Path) -> Self {
        let path = folder.join(NAME);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines = text.lines().filter_map(|line| {
            let Line { key, entry } = serde_json::from_str(line).ok()?;
            Some((key.into_owned(), entry))
        });
        Self {
            state: Mutex::new(State {
                entries: lines.collect(),
                path,
                file: None,
                torn: !text.is_empty() && !text.ends_with('\n'),
            }),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<Entry> {
        self.state().entries.get(key).cloned()
    }

    /// Adds what became of a video, in one write, so that two processes may share a cache.
    pub(crate) fn add(&self, key: String, entry: Entry) -> io::Result<()> {
        let line = Line {
            key: key.as_str().into(),
            entry: entry.clone(),
        };
        let mut text = serde_json::to_string(&line)? + "\n";
        let mut state = self.state();
        if std::mem::take(&mut state.torn) {
            text.insert(0, '\n');
        }
        let mut file = match state.file.take() {
            Some(file) => file,
            None => OpenOptions::new()
                .create(true)
                .append(true)
                .open(&state.path)?,
        };
        file.write_all(text.as_bytes())?;
        state.file = Some(file);
        state.entries.insert(key, entry);
        Ok(())
    }

    /// The index stays whole whatever a thread dies of.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_a_torn_one_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let bad = |reason: &str| Entry::Unusable {
            reason: reason.to_owned(),
        };
        let reason = |index: &Index, key: &str| match index.get(key) {
            Some(Entry::Unusable { reason }) => Some(reason),
            _ => None,
        };
        let index = Index::open(folder.path());
        index.add("a".into(), bad("first")).unwrap();
        index.add("a".into(), bad("second")).unwrap();
        let path = folder.path().join(NAME);
        let torn = fs::read_to_string(&path).unwrap() + r#"{"key":"b","unus"#;
        fs::write(&path, torn).unwrap();
        let index = Index::open(folder.path());
        index.add("c".into(), bad("third")).unwrap();
        let index = Index::open(folder.path());
        assert_eq!(reason(&index, "a").as_deref(), Some("second"));
        assert_eq!(reason(&index, "b"), None);
        assert_eq!(reason(&index, "c").as_deref(), Some("third"));
    }
}
