//! What a run makes beside its weights: pictures, videos, the log. A failure to make one is told
//! once, and the run goes on.

use std::collections::BTreeSet;

use anyhow::Result;

/// What could not be made so far.
#[derive(Default)]
pub(super) struct ByProducts {
    told: BTreeSet<&'static str>,
}

impl ByProducts {
    /// Tells a failure, if it is the first of its kind.
    pub(super) fn attempt(&mut self, what: &'static str, made: Result<()>) {
        if let Err(error) = made
            && self.told.insert(what)
        {
            note!("note: {what} could not be written ({error:#}); the run goes on without");
        }
    }
}
