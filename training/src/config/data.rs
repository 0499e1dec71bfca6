//! Where clips come from and how windows are cut out of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::defaults::{is_default, is_yes, yes};

/// Where clips come from and how windows are cut out of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataConfig {
    /// Frames of a window.
    pub(crate) frames: usize,
    /// Height and width of a window.
    pub(crate) size: usize,
    /// Windows in a step.
    pub(crate) batch: usize,
    /// Windows take every n-th frame, n from 1 to this.
    pub(crate) max_stride: usize,
    /// Whether n is drawn; else it is the largest that the clip is long enough for. Like all that
    /// follow with a default, it is written only where it differs, so that the fingerprint of runs
    /// begun without it stays.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) vary_stride: bool,
    /// Which frames of a clip a window takes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) windows: Windows,
    /// Frames a second that are left of faster clips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_fps: Option<f64>,
    /// Which region of a frame a window takes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) crop: Crop,
    /// Whether every other window is mirrored left to right.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) flip: bool,
    /// Weight of the synthetic scenes beside the folders.
    pub(crate) scenes: f64,
    /// Folders of video files and of folders of pictures.
    #[serde(default)]
    pub(crate) folders: Vec<Folder>,
    /// Weights of clips by the start of their file name; 1 where nothing matches.
    #[serde(default)]
    pub(crate) clip_weights: Vec<ClipWeight>,
    /// Shorter side of the frames kept decoded, in pixels.
    pub(crate) cache_short_side: usize,
    /// Frames kept of a clip at most.
    pub(crate) cache_frames: usize,
}

/// Which frames of a clip a window takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Windows {
    /// Every n-th from anywhere in a shot; clips whose shots are all too short are left out.
    #[default]
    Inside,
    /// The WF-VAE code's: `max_stride` apart or a little more; frames of short clips are repeated.
    Reference,
}

/// Which region of a frame a window takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Crop {
    /// A square of any size from anywhere, scaled down to the window.
    #[default]
    Zoom,
    /// A square of the window's size from anywhere, not scaled.
    Window,
    /// The middle of the frame scaled until its shorter side is the window's: the WF-VAE code's,
    /// but for the frames kept decoded, whose longer side is rounded where theirs is cut down.
    Centre,
}

/// A folder of video files, searched through all its subfolders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// How often its clips are drawn, beside other folders and the scenes.
    pub(crate) weight: f64,
}

/// How often clips whose file name starts so are drawn, beside the folder's others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClipWeight {
    pub(crate) prefix: String,
    pub(crate) weight: f64,
}
