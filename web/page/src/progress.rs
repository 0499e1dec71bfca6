//! The stages of a run, as they are shown.

use leptos::prelude::*;

use crate::dom;

/// A stage of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Read,
    Module,
    Device,
    Fetch,
    Prepare,
    Encode,
    Decode,
}

impl Stage {
    /// While it runs.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Read => "Reading frames",
            Self::Module => "Starting the worker",
            Self::Device => "Opening the device",
            Self::Fetch => "Fetching weights",
            Self::Prepare => "Preparing the model",
            Self::Encode => "Encoding",
            Self::Decode => "Decoding",
        }
    }
}

impl From<protocol::Stage> for Stage {
    fn from(stage: protocol::Stage) -> Self {
        match stage {
            protocol::Stage::Fetch => Self::Fetch,
            protocol::Stage::Prepare => Self::Prepare,
            protocol::Stage::Encode => Self::Encode,
            protocol::Stage::Decode => Self::Decode,
        }
    }
}

/// How far a stage is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StageRow {
    pub(crate) stage: Stage,
    pub(crate) done: u64,
    /// 0 if unknown.
    pub(crate) total: u64,
    pub(crate) started: f64,
    /// Milliseconds that it took, once it has ended.
    pub(crate) took: Option<f64>,
}

impl StageRow {
    /// What is done, in words: bytes or frames.
    pub(crate) fn amount(&self) -> String {
        match (self.stage, self.done, self.total) {
            (Stage::Fetch, 0, 0) | (Stage::Module | Stage::Device, ..) => String::new(),
            (Stage::Fetch, done, 0) => format!("{:.1} MB", megabytes(done)),
            (Stage::Fetch, done, total) => {
                format!("{:.1} of {:.1} MB", megabytes(done), megabytes(total))
            }
            (_, _, 0) => String::new(),
            (Stage::Prepare, done, total) => format!("{done} of {total}"),
            (_, done, total) => format!("{done} of {total} frames"),
        }
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Marks a stage as running, ending the one before it.
pub(crate) fn reach(rows: RwSignal<Vec<StageRow>>, stage: Stage, done: u64, total: u64) {
    rows.update(|rows| {
        if let Some(row) = rows
            .last_mut()
            .filter(|row| row.stage == stage && row.took.is_none())
        {
            (row.done, row.total) = (done, total);
            return;
        }
        finish(rows, true);
        rows.push(StageRow {
            stage,
            done,
            total,
            started: dom::now(),
            took: None,
        });
    });
}

/// Ends the running stage; one that did not come to its end keeps what it had done.
pub(crate) fn end(rows: RwSignal<Vec<StageRow>>, complete: bool) {
    rows.update(|rows| finish(rows, complete));
}

fn finish(rows: &mut [StageRow], complete: bool) {
    if let Some(row) = rows.last_mut().filter(|row| row.took.is_none()) {
        row.took = Some(dom::now() - row.started);
        if complete {
            row.done = row.total.max(row.done);
        }
    }
}
