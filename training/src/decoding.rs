//! How far decoding is.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

/// Between lines where there is no terminal to draw a bar on.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// A bar on a terminal, else a line now and then.
pub(crate) struct Decoding {
    bar: ProgressBar,
    last_line: Mutex<Instant>,
}

impl Decoding {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Self {
        Self {
            bar: ProgressBar::no_length().with_message("decoding"),
            last_line: Mutex::new(Instant::now()),
        }
    }

    /// Shows how many clips are ready; always says to go on.
    pub(crate) fn show(&self, ready: usize, of: usize) -> bool {
        self.bar.set_length(of as u64);
        self.bar.set_position(ready as u64);
        if ready == of {
            self.bar.finish_and_clear();
        } else if !std::io::stderr().is_terminal() {
            let mut last = self
                .last_line
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= LINE_EVERY {
                *last = Instant::now();
                note!("decoding: {ready} of {of} clips are ready");
            }
        }
        true
    }
}
