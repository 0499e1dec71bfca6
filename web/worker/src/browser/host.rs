//! A job's surroundings in the browser.

use protocol::{Failure, Progress, ReplyBody, Stage};

use super::post::{reply, scope};
use super::trouble;
use crate::codec::Host;

/// Surroundings of the job of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHost {
    id: u32,
}

impl RequestHost {
    pub(crate) fn new(id: u32) -> Self {
        Self { id }
    }
}

impl Host for RequestHost {
    fn progress(&self, stage: Stage, done: u64, total: u64) {
        let progress = Progress { stage, done, total };
        reply(self.id, ReplyBody::Progress(progress), &[]);
    }

    fn now(&self) -> f64 {
        scope().performance().map_or(0.0, |clock| clock.now())
    }

    fn check(&self) -> Result<(), Failure> {
        trouble::check()
    }
}
