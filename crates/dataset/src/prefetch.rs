//! Batches made ready in the background.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use anyhow::{Context, Result};

use crate::dataset::{Batch, Dataset};

/// Batches waiting while one is trained on.
const WAITING: usize = 2;

/// Makes the batches of consecutive steps on a thread of its own, in order.
pub struct Prefetch {
    batches: Receiver<Result<Batch>>,
}

impl Prefetch {
    /// Starts with the batch of `step`. The thread ends when this is dropped.
    pub fn start(dataset: Arc<Dataset>, step: u64) -> Self {
        let (sender, batches) = sync_channel(WAITING);
        thread::spawn(move || {
            let mut steps = step..;
            while let Some(step) = steps.next()
                && sender.send(dataset.batch(step)).is_ok()
            {}
        });
        Self { batches }
    }

    /// The next step's batch.
    ///
    /// # Errors
    /// If a cached clip can no longer be read.
    pub fn next(&self) -> Result<Batch> {
        self.batches
            .recv()
            .context("the thread that prepares the data has stopped")?
    }
}
