//! Failures by kind.

use std::fmt::Display;

use protocol::{Failure, FailureKind};

/// A failure of a kind, in one sentence for people.
pub(crate) fn failure(kind: FailureKind, message: impl Display) -> Failure {
    Failure {
        kind,
        message: message.to_string(),
    }
}

/// The request does not make sense now.
pub(crate) fn bad_request(message: impl Display) -> Failure {
    failure(FailureKind::BadRequest, message)
}

/// Anything that neither the visitor nor the network is to blame for.
pub(crate) fn internal(error: impl Display) -> Failure {
    let message = format!("Something went wrong inside the worker; try again. ({error})");
    failure(FailureKind::Internal, message)
}
