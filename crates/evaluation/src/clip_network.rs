//! The network that rFVD is measured with. Source: spec/metrics.md 0 and 4.

use std::path::Path;

use anyhow::{Context, Error, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use clips::Extent;
use files::sha256;
use perceptual::{I3d, Levels};

use crate::fvd_mode::FvdMode;
use crate::perceptual_distance::{read, unfit};
use crate::request::Request;
use crate::score::Pixels;

/// The network that rFVD is measured with.
pub(crate) struct ClipNetwork {
    network: I3d,
    device: Device,
    pub(crate) mode: FvdMode,
    levels: Levels,
    /// The name of its file.
    pub(crate) file: String,
    /// The file's hash: figures by other weights cannot be compared.
    pub(crate) sha256: String,
}

impl ClipNetwork {
    /// Reads its file.
    pub(crate) fn open(file: &Path, request: &Request, device: &Device) -> Result<Self> {
        let (fewest, frames) = (I3d::FEWEST_FRAMES, request.cut.frames);
        ensure!(
            frames >= fewest,
            "rFVD needs clips of at least {fewest} frames; ask for more than {frames} with --frames"
        );
        let bytes = read(file)?;
        let network = I3d::read(&bytes, device).with_context(|| unfit(file))?;
        let name = file.file_name().unwrap_or(file.as_os_str());
        Ok(Self {
            network,
            device: device.clone(),
            mode: request.fvd,
            levels: request.protocol.levels(),
            file: name.to_string_lossy().into_owned(),
            sha256: sha256(&bytes),
        })
    }

    /// One line on what is measured.
    pub(crate) fn describe(&self) -> String {
        let over = match self.mode {
            FvdMode::Set => "over all clips of a table as one set".to_owned(),
            FvdMode::Batch(size) => {
                format!("averaged over batches of {size} clips in the order of the clips")
            }
        };
        let (mode, file, hash) = (self.mode, &self.file, &self.sha256[..12]);
        format!(
            "rFVD ({mode}): Fréchet distance of I3D's 400 logits, {over}, covariance unbiased; {file}, \
             sha256 {hash}; comparable only on the same clips"
        )
    }

    /// The logits of a clip.
    pub(crate) fn logits(&self, clip: &Pixels) -> Result<Vec<f32>> {
        let Extent {
            frames,
            height,
            width,
        } = clip.extent;
        // Bytes over 255 fall on the same bytes when the network's preparation cuts them down.
        let data = TensorData::new(clip.values.clone(), [1, frames, height, width, 3]);
        let clip = Tensor::<5>::from_data(data, &self.device).permute([0, 4, 1, 2, 3]);
        let logits = self.network.logits(clip, self.levels)?;
        let data = logits.into_data().convert::<f32>();
        data.try_into_vec()
            .map_err(|error| Error::msg(format!("the device returned no numbers: {error:?}")))
    }
}
