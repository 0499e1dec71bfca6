//! Figures of both sides, and the table made of them.

use std::cmp::Ordering;

use serde::Deserialize;

/// The head of the table of [`rows`].
pub(super) const HEADER: &str = "| preset | what | trainer | PyTorch | PyTorch / trainer |\n\
     |---|---|---|---|---|";

/// What one process says, in seconds and bytes.
#[derive(Clone, Deserialize)]
pub(super) struct Record {
    /// Encoding and decoding without gradients, run by run.
    forward: Vec<f64>,
    /// Of a step, up to the gradients and their norm.
    gradients: Vec<f64>,
    /// Whole steps.
    step: Vec<f64>,
    /// Of whole steps what all processors worked together; empty where that is unknown.
    cpu: Vec<f64>,
    /// Held before there was a model.
    idle_bytes: Option<u64>,
    /// The most held.
    peak_bytes: Option<u64>,
    version: String,
}

/// All processes of a side.
#[derive(Default)]
pub(super) struct Side {
    forward: Vec<f64>,
    gradients: Vec<f64>,
    step: Vec<f64>,
    cpu: Vec<f64>,
    peak: Option<u64>,
    /// Above what the process held before there was a model.
    grown: Option<u64>,
    /// What computes, in words.
    pub(super) version: String,
}

impl Side {
    /// Takes the figures of another process.
    pub(super) fn add(&mut self, record: Record) {
        self.forward.extend(record.forward);
        self.gradients.extend(record.gradients);
        self.step.extend(record.step);
        self.cpu.extend(record.cpu);
        let grown = record.peak_bytes.zip(record.idle_bytes);
        let grown = grown.map(|(peak, idle)| peak.saturating_sub(idle));
        self.peak = self.peak.max(record.peak_bytes);
        self.grown = self.grown.max(grown);
        self.version = record.version;
    }
}

/// A number of both sides.
#[derive(Deserialize)]
pub(super) struct Difference {
    what: String,
    /// Largest absolute value of the trainer's.
    largest: f64,
    /// Largest absolute difference.
    difference: f64,
}

impl Difference {
    fn share(&self) -> f64 {
        self.difference / self.largest.max(f64::MIN_POSITIVE)
    }
}

/// The largest difference as a share of its number; a NaN is kept, so that it is seen.
pub(super) fn worst(differences: &[Difference]) -> f64 {
    let shares = differences.iter().map(Difference::share);
    shares.fold(0.0, |worst: f64, share| match worst.partial_cmp(&share) {
        Some(Ordering::Less) => share,
        Some(_) => worst,
        None => f64::NAN,
    })
}

/// What was compared, in one line.
pub(super) fn describe(differences: &[Difference]) -> String {
    let each = differences.iter();
    let each = each.map(|one| format!("{} {:.1e}", one.what, one.share()));
    let list = each.collect::<Vec<_>>().join(", ");
    format!("differences as shares of the largest number: {list}")
}

/// Rows of Markdown for one preset.
pub(super) fn rows(preset: &str, ours: &Side, theirs: &Side) -> Vec<String> {
    let times = [
        ("forward, no gradients", &ours.forward, &theirs.forward),
        ("forward and backward", &ours.gradients, &theirs.gradients),
        ("whole step", &ours.step, &theirs.step),
        ("whole step, CPU time", &ours.cpu, &theirs.cpu),
    ];
    let memory = [
        ("most memory", ours.peak, theirs.peak),
        ("above the idle process", ours.grown, theirs.grown),
    ];
    let times = times.into_iter().map(|(what, ours, theirs)| {
        let both = [median(ours), median(theirs)];
        row(preset, what, both, |seconds| {
            format!("{:.0} ms", seconds * 1e3)
        })
    });
    let memory = memory.into_iter().map(|(what, ours, theirs)| {
        let both = [ours, theirs].map(|bytes| bytes.map(|bytes| bytes as f64));
        row(preset, what, both, |bytes| format!("{:.0} MB", bytes / 1e6))
    });
    times.chain(memory).collect()
}

fn row(preset: &str, what: &str, both: [Option<f64>; 2], show: impl Fn(f64) -> String) -> String {
    let shown = both.map(|number| number.map_or("unknown".to_owned(), &show));
    let ratio = match both {
        [Some(ours), Some(theirs)] if ours > 0.0 => format!("{:.2}", theirs / ours),
        _ => "unknown".to_owned(),
    };
    let [ours, theirs] = shown;
    format!("| {preset} | {what} | {ours} | {theirs} | {ratio} |")
}

/// The middle of some numbers; `None` of none.
fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(lines: &[&str]) -> Side {
        let mut side = Side::default();
        for line in lines {
            side.add(serde_json::from_str(line).unwrap());
        }
        side
    }

    #[test]
    fn processes_are_put_together() {
        let first = r#"{"forward": [0.1, 0.3], "gradients": [0.5, 0.9], "step": [1.0, 2.0], "cpu": [1.0],
            "idle_bytes": 10000000, "peak_bytes": 60000000, "version": "old", "threads": 2}"#;
        let second = r#"{"forward": [0.2], "gradients": [0.6], "step": [1.5], "cpu": [3.0],
            "idle_bytes": 30000000, "peak_bytes": 70000000, "version": "new"}"#;
        let ours = side(&[first, second]);
        let theirs = side(&[
            r#"{"forward": [0.4], "gradients": [0.3], "step": [3.0], "cpu": [],
            "idle_bytes": null, "peak_bytes": 35000000, "version": "PyTorch"}"#,
        ]);
        assert_eq!(ours.version, "new");
        assert_eq!(
            rows("tiny", &ours, &theirs),
            [
                "| tiny | forward, no gradients | 200 ms | 400 ms | 2.00 |",
                "| tiny | forward and backward | 600 ms | 300 ms | 0.50 |",
                "| tiny | whole step | 1500 ms | 3000 ms | 2.00 |",
                "| tiny | whole step, CPU time | 2000 ms | unknown | unknown |",
                "| tiny | most memory | 70 MB | 35 MB | 0.50 |",
                "| tiny | above the idle process | 50 MB | unknown | unknown |",
            ]
        );
        let columns = |line: &str| line.matches('|').count();
        let head = HEADER.lines().map(columns);
        assert!(
            head.chain(rows("tiny", &ours, &theirs).iter().map(|row| columns(row)))
                .all(|count| count == 6)
        );
    }

    #[test]
    fn the_worst_difference_is_found_and_nan_is_the_worst() {
        let one = |difference| Difference {
            what: "mean".into(),
            largest: 2.0,
            difference,
        };
        assert_eq!(worst(&[one(0.5), one(1.0), one(0.1)]), 0.5);
        assert_eq!(worst(&[]), 0.0);
        assert!(worst(&[one(f64::NAN), one(1.0)]).is_nan());
        assert!(worst(&[one(1.0), one(f64::NAN)]).is_nan());
        let said = describe(&[one(0.5)]);
        assert!(said.ends_with("mean 2.5e-1"), "{said}");
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 9.0, 1.0]), Some(3.0));
        assert_eq!(median(&[4.0, 9.0, 1.0, 2.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }
}
