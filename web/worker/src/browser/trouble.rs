//! What the GPU reports beside the results: errors and its own disappearance.

use std::sync::{Arc, OnceLock};

use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::wgpu::wgpu::Error;
use protocol::{Failure, FailureKind};

use crate::failure::failure;

/// The first trouble. It stays: memory that failed once is in the pool for good and a lost device
/// never returns, so only another worker helps. wgpu wants its handlers `Send`, hence no cell.
static FIRST: OnceLock<Failure> = OnceLock::new();

/// Fails with the first trouble since the worker began.
pub(crate) fn check() -> Result<(), Failure> {
    FIRST.get().cloned().map_or(Ok(()), Err)
}

/// Listens to a device. Burn's own handler of uncaptured errors, which panics, is replaced; its
/// handler of a lost device stays beside ours.
pub(crate) fn watch(setup: &WgpuSetup) {
    setup
        .device
        .on_uncaptured_error(Arc::new(|error| note(of_error(&error))));
    setup.device.set_device_lost_callback(|_, _| {
        let message = "The GPU has gone away (a driver reset, perhaps); start it again or use \
                       the CPU.";
        note(failure(FailureKind::DeviceLost, message));
    });
}

fn note(failure: Failure) {
    // Later troubles follow from the first.
    let _ = FIRST.set(failure);
}

fn of_error(error: &Error) -> Failure {
    match error {
        Error::OutOfMemory { .. } => {
            let message = "The GPU has run out of memory; choose a smaller size or fewer frames.";
            failure(FailureKind::OutOfMemory, message)
        }
        Error::Validation { .. } | Error::Internal { .. } => {
            let message = format!("The GPU has refused the work; try the CPU. ({error})");
            failure(FailureKind::Internal, message)
        }
    }
}
