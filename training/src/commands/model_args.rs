//! Which model to run, and where.

use std::path::PathBuf;

use clap::Args;

use crate::device::DeviceKind;

/// Which model to run, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct ModelArgs {
    /// A folder with config.json and model.safetensors, a run's folder, or a weight file on its own
    /// (safetensors, the references' names) [default: models/lean-lc32-energy, else
    /// runs/tiny].
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}
