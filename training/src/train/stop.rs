//! When to stop before the last step: an interrupt, or the time is up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// What a process ends with when it is interrupted twice, as shells expect.
const INTERRUPTED: i32 = 130;

/// A run that was interrupted, after it was saved.
#[derive(Debug)]
pub(crate) struct Interrupted {
    /// What to do about it.
    pub(crate) advice: String,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advice)
    }
}

impl std::error::Error for Interrupted {}

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
            note!("interrupted: saving what is done");
        })
        .context("interrupts cannot be watched for")?;
        let deadline = max_time.map(|time| Instant::now() + time);
        Ok(Self {
            interrupted,
            deadline,
        })
    }

    /// Whether somebody interrupted.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Whether to stop now.
    pub(crate) fn asked(&self) -> bool {
        self.interrupted()
            || self
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
    }
}
