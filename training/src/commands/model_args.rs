//! Which model to run, and where.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use codec::Codec;

use crate::device::{DeviceKind, choose};

/// Which model to run, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct ModelArgs {
    /// A folder with config.json and model.safetensors, a run's folder or one of its checkpoints, or
    /// a weight file on its own (safetensors or torch.save, the references' names) [default:
    /// models/lean-lc32-energy, else runs/tiny].
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// The device, instead of the best one present.
    #[arg(long, value_enum)]
    pub(crate) device: Option<DeviceKind>,
}

/// A model at work, and what to tell a person about it.
pub(crate) struct Opened {
    pub(crate) codec: Codec,
    /// Where it came from.
    pub(crate) place: PathBuf,
    /// The device, and why this one.
    pub(crate) device: String,
}

impl ModelArgs {
    /// Loads the model.
    ///
    /// # Errors
    /// If there is none, or the device asked for is not present.
    pub(crate) fn open(&self) -> Result<Opened> {
        let chosen = choose(self.device)?;
        let place = codec::named_or_default(self.model.as_deref())?;
        Ok(Opened {
            codec: codec::open(&place, chosen.device)?,
            place,
            device: format!("{} ({})", chosen.name, chosen.reason),
        })
    }
}
