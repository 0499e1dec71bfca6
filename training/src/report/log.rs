//! A run's log as curves.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What a run logged, in the order of its steps.
pub(crate) struct Log {
    lines: Vec<Value>,
}

impl Log {
    /// Reads `log.jsonl`. A last line that was cut off by a crash is left out.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("the run's log {} cannot be read", path.display()))?;
        let log = Self::parse(&text);
        ensure!(
            !log.lines.is_empty(),
            "{} says nothing yet; let the run make some steps first",
            path.display()
        );
        Ok(log)
    }

    fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        Self {
            lines: lines.collect(),
        }
    }

    /// Step and value of every line that has a number at `pointer`, such as `/validation/psnr`.
    pub(crate) fn curve(&self, pointer: &str) -> Vec<(f64, f64)> {
        let point = |line: &Value| Some((line["step"].as_f64()?, line.pointer(pointer)?.as_f64()?));
        self.lines.iter().filter_map(point).collect()
    }

    /// The last value at `pointer`.
    pub(crate) fn last(&self, pointer: &str) -> Option<f64> {
        self.curve(pointer).last().map(|(_, value)| *value)
    }

    /// Share of the time that steps waited for data, 0 to 1.
    pub(crate) fn data_wait(&self) -> Option<f64> {
        let sum = |name: &str| -> f64 {
            let curve = self.curve(&format!("/ms/{name}"));
            curve.iter().map(|(_, value)| value).sum()
        };
        let [wait, forward, backward, update] =
            ["data_wait", "forward", "backward", "update"].map(sum);
        let whole = wait + forward + backward + update;
        (whole > 0.0).then(|| wait / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"step": 20, "l1": 0.5, "ms": {"data_wait": 1, "forward": 2, "backward": 6, "update": 1}}
{"step": 20, "validation": {"psnr": 14.5}}
{"step": 40, "l1": 0.25, "ms": {"data_wait": 3, "forward": 2, "backward": 4, "update": 1}}
{"step": 60, "l1": 0."#;

    #[test]
    fn curves_take_the_lines_that_have_them() {
        let log = Log::parse(TEXT);
        assert_eq!(log.curve("/l1"), [(20.0, 0.5), (40.0, 0.25)]);
        assert_eq!(log.curve("/validation/psnr"), [(20.0, 14.5)]);
        assert_eq!(log.last("/l1"), Some(0.25));
        assert_eq!(log.last("/kl"), None);
    }

    #[test]
    fn waiting_is_a_share_of_all_time() {
        assert_eq!(Log::parse(TEXT).data_wait(), Some(0.2));
        assert_eq!(Log::parse("{}").data_wait(), None);
    }
}
