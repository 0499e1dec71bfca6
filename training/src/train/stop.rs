//! When to stop before the last step: an interrupt, or the time is up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// What a process ends with when it is interrupted twice, as shells expect.
const INTERRUPTED: i32 = 130;

/// Watches for an interrupt and the time.
pub(crate) struct Stop {
    interrupted: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Starts watching; the time runs from now.
    pub(crate) fn new(max_time: Option<Duration>) -> Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        ctrlc::set_handler(move || {
            // The first interrupt lets the step finish and saves; a second one means now.
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED);
            }
            eprintln!("interrupted: saving after this step");
        })
        .context("interrupts cannot be watched for")?;
        let deadline = max_time.map(|time| Instant::now() + time);
        Ok(Self {
            interrupted,
            deadline,
        })
    }

    /// Whether to stop now.
    pub(crate) fn asked(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
            || self
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
    }
}
