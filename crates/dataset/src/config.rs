//! Where clips come from and how windows are cut out of them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where clips come from and how windows are cut out of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Frames of a window.
    pub frames: usize,
    /// Height and width of a window.
    pub size: usize,
    /// Windows in a step.
    pub batch: usize,
    /// Windows take every n-th frame, n from 1 to this.
    pub max_stride: usize,
    /// Whether n is drawn; else it is the largest that the clip is long enough for. Like all that
    /// follow with a default, it is written only where it differs, so that the fingerprint of runs
    /// begun without it stays.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub vary_stride: bool,
    /// Which frames of a clip a window takes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub windows: Windows,
    /// Frames a second that are left of faster clips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fps: Option<f64>,
    /// Which region of a frame a window takes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub crop: Crop,
    /// Whether every other window is mirrored left to right.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub flip: bool,
    /// Weight of the synthetic scenes beside the folders.
    pub scenes: f64,
    /// Folders of video files and of folders of pictures.
    #[serde(default)]
    pub folders: Vec<Folder>,
    /// Weights of clips by the start of their file name; 1 where nothing matches.
    #[serde(default)]
    pub clip_weights: Vec<ClipWeight>,
    /// Shorter side of the frames kept decoded, in pixels.
    pub cache_short_side: usize,
    /// Frames kept of a clip at most.
    pub cache_frames: usize,
}

impl DataConfig {
    /// Windows of so many frames, of `size x size` pixels, `batch` in a step: from nowhere yet.
    pub fn of_windows(frames: usize, size: usize, batch: usize) -> Self {
        Self {
            frames,
            size,
            batch,
            max_stride: 1,
            vary_stride: true,
            windows: Windows::default(),
            max_fps: None,
            crop: Crop::default(),
            flip: true,
            scenes: 0.0,
            folders: Vec::new(),
            clip_weights: Vec::new(),
            cache_short_side: size,
            cache_frames: frames,
        }
    }
}

/// Clips that are not trained on.
#[derive(Clone, Copy, Debug)]
pub struct HeldOutConfig {
    /// How many of each folder, and how many synthetic scenes if there are no folders.
    pub clips: usize,
    /// Height and width of the centre crop, in pixels.
    pub size: usize,
}

/// Which frames of a clip a window takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Windows {
    /// Every n-th from anywhere in a shot; clips whose shots are all too short are left out.
    #[default]
    Inside,
    /// The WF-VAE code's: `max_stride` apart or a little more; frames of short clips are repeated.
    Reference,
}

/// Which region of a frame a window takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Crop {
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
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// How often its clips are drawn, beside other folders and the scenes.
    pub weight: f64,
}

/// How often clips whose file name starts so are drawn, beside the folder's others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipWeight {
    /// The start of the name.
    pub prefix: String,
    /// 1 is as often as the others.
    pub weight: f64,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_yes(value: &bool) -> bool {
    *value
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
