//! What is to be measured.

use std::path::PathBuf;

use codec::MaskArg;

use crate::fvd_mode::FvdMode;
use crate::protocol::Protocol;
use crate::sample::Cut;

/// Models, masks and yardsticks, and the clips to measure them on.
#[derive(Clone, Debug)]
pub struct Request {
    /// Folders of video files or of folders of pictures.
    pub data: Vec<PathBuf>,
    /// Models, as [`codec::open`] finds them.
    pub models: Vec<PathBuf>,
    /// Masks to try beside what each model was trained with.
    pub masks: Vec<MaskArg>,
    /// How clips are cut to size.
    pub cut: Cut,
    /// How frames meet the models and the measures.
    pub protocol: Protocol,
    /// Seed of posterior samples to decode, instead of the mean.
    pub sample_seed: Option<u64>,
    /// Whether every shot of a clip is coded by itself.
    pub shots: bool,
    /// Whether synthetic scenes are measured that no run is trained on.
    pub scenes: bool,
    /// Constant rate factor of an H.264 that clips also go through before the models see them.
    pub h264: Option<u8>,
    /// Whether the third with the most texture, and that with the most motion, are shown too.
    pub subsets: bool,
    /// Whether there are rows for a DCT and, with `fit`, for PCA.
    pub yardsticks: bool,
    /// A folder of other clips, to fit PCA on and to choose Top-k channels by.
    pub fit: Option<PathBuf>,
    /// Shares of the coefficient channels that are kept by energy, 0 to 1 each.
    pub topk: Vec<f64>,
    /// Numbers a block that the yardsticks keep; else each model's effective channels.
    pub coefficients: Vec<usize>,
    /// A network's weights, to measure a perceptual distance with.
    pub perceptual: Option<PathBuf>,
    /// The published LPIPS heads.
    pub lpips_heads: Option<PathBuf>,
    /// Whether that distance is taken at every pixel.
    pub lpips_spatial: bool,
    /// I3D's weights, to measure rFVD with.
    pub i3d: Option<PathBuf>,
    /// Which clips make one rFVD.
    pub fvd: FvdMode,
    /// Whether what the models' latents are made of is measured.
    pub latents: bool,
}
