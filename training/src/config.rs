//! What a run is: model, data, losses, optimiser.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vae::ModelConfig;

use crate::typos::{explain, nearest};

/// Configs that are built in, by name.
const PRESETS: [(&str, &str); 8] = [
    ("tiny", include_str!("../configs/tiny.toml")),
    ("wf16-c4", include_str!("../configs/wf16-c4.toml")),
    ("wf16-c8", include_str!("../configs/wf16-c8.toml")),
    ("lc16-c8", include_str!("../configs/lc16-c8.toml")),
    (
        "lc16-c8-paper",
        include_str!("../configs/lc16-c8-paper.toml"),
    ),
    ("lean-c4", include_str!("../configs/lean-c4.toml")),
    ("lean-c8", include_str!("../configs/lean-c8.toml")),
    ("lean-lc8", include_str!("../configs/lean-lc8.toml")),
];

/// The preset for folders of clips where none is named: an LC model of the quicker family, whose
/// 2000 steps take about a CPU second each.
pub(crate) const PRESET_FOR_CLIPS: &str = "lean-lc8";

/// The config of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What the run and its export are called.
    pub(crate) name: String,
    /// Training steps in all. The schedule is stretched over them.
    pub(crate) steps: u64,
    /// Seed of the weights, the data and the noise.
    pub(crate) seed: u64,
    /// Where the weights start. Not written where it is the default, so that older runs' configs
    /// stay as they are.
    #[serde(default, skip_serializing_if = "Start::is_random")]
    pub(crate) start: Start,
    /// The model: the reference's JSON as a table, or the path of such a JSON file.
    pub(crate) model: toml::Value,
    pub(crate) data: DataConfig,
    pub(crate) optimiser: OptimiserConfig,
    pub(crate) loss: LossConfig,
    pub(crate) validation: ValidationConfig,
    pub(crate) run: RunConfig,
}

/// First weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Start {
    /// The reference's random ones.
    #[default]
    Random,
    /// The best linear autoencoder of the training windows; see [`crate::start`].
    Principal,
}

impl Start {
    fn is_random(&self) -> bool {
        *self == Self::Random
    }
}

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
    /// Every n-th from anywhere; clips that are too short are left out.
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
    /// The largest square in the middle, scaled down to the window: the WF-VAE code's.
    Centre,
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

/// AdamW, its schedule, and the average of the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptimiserConfig {
    /// Peak learning rate.
    pub(crate) lr: f64,
    /// Steps of linear warm-up.
    pub(crate) warmup_steps: u64,
    /// Share of the peak that is left at the last step.
    pub(crate) final_lr_ratio: f64,
    pub(crate) betas: [f32; 2],
    pub(crate) epsilon: f32,
    /// Decoupled weight decay.
    pub(crate) weight_decay: f32,
    /// Largest Euclidean norm of all gradients together.
    pub(crate) clip_norm: f64,
    /// Decay of the average of the weights.
    pub(crate) ema_decay: f64,
}

/// Weights of the loss terms; see [`crate::losses::Losses`] for what each is a mean of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LossConfig {
    pub(crate) l1: f64,
    /// Of the squared error.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) l2: f64,
    pub(crate) kl: f64,
    pub(crate) wavelet: f64,
    /// What the terms are reduced to. The default is not written, so that the fingerprint of runs
    /// begun without it stays.
    #[serde(default, skip_serializing_if = "Reduction::is_mean")]
    pub(crate) reduction: Reduction,
}

/// How the terms of the loss are reduced to a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reduction {
    /// Means over elements.
    #[default]
    Mean,
    /// The references' sums: the reconstruction per frame, the others per clip.
    Reference,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Reduction {
    fn is_mean(&self) -> bool {
        *self == Self::Mean
    }
}

/// What is measured during training, on clips that are not trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidationConfig {
    /// Steps between measurements.
    pub(crate) every: u64,
    /// Clips held out of each folder, and synthetic scenes if there are no folders.
    pub(crate) clips: usize,
    /// Height and width of the centre crop.
    pub(crate) size: usize,
}

/// How a run is kept and reported; without effect on what is learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunConfig {
    /// Steps between lines in the log.
    pub(crate) log_every: u64,
    /// Minutes between checkpoints.
    pub(crate) autosave_minutes: f64,
}

impl Config {
    /// A built-in config.
    pub(crate) fn preset(name: &str) -> Result<Self> {
        let Some((_, text)) = PRESETS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
            let near = nearest(name, known.iter().copied());
            let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
            bail!(
                "there is no preset `{name}`; {near}choose one of {}",
                known.join(", ")
            );
        };
        Self::from_toml(text).with_context(|| format!("preset `{name}`"))
    }

    /// Reads a config file; the path of a model JSON in it is relative to the file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the config {} cannot be read", path.display()))?;
        let wrong = || format!("the config {} cannot be used", path.display());
        let mut config = Self::from_toml(&text).with_context(wrong)?;
        if let toml::Value::String(json) = &config.model {
            let json = path.parent().unwrap_or(Path::new("")).join(json);
            config.model = toml::Value::String(json.to_string_lossy().into_owned());
        }
        Ok(config)
    }

    fn from_toml(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| anyhow!(explain(text, &error)))?;
        config.check_model_keys()?;
        Ok(config)
    }

    /// Refuses what looks like a mistyped key of the model's. Others are left alone: the
    /// references' JSON has some that decide nothing here.
    fn check_model_keys(&self) -> Result<()> {
        let toml::Value::Table(table) = &self.model else {
            return Ok(());
        };
        let known: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.model()?.to_json())?;
        let known: Vec<&str> = known.keys().map(String::as_str).collect();
        for key in table.keys() {
            // The reference spells `l1_dowmsample_block`; both are read.
            let accepted = known.contains(&key.as_str()) || key == "l1_downsample_block";
            if let (false, Some(near)) = (accepted, nearest(key, known.iter().copied())) {
                bail!("unknown key `{key}` in [model]; did you mean `{near}`?");
            }
        }
        Ok(())
    }

    /// The config as TOML, with the model written out in full.
    pub(crate) fn to_toml(&self) -> Result<String> {
        let mut whole = self.clone();
        whole.model = serde_json::from_str(&self.model()?.to_json())?;
        Ok(toml::to_string_pretty(&whole)?)
    }

    /// The model that the config describes.
    pub(crate) fn model(&self) -> Result<ModelConfig> {
        let json = match &self.model {
            toml::Value::String(path) => std::fs::read_to_string(path)
                .with_context(|| format!("the model config {path} cannot be read"))?,
            table => serde_json::to_string(table)?,
        };
        Ok(ModelConfig::from_json(&json)?)
    }

    /// Refuses what cannot be trained.
    pub(crate) fn check(&self) -> Result<()> {
        let model = self.model()?;
        let (data, step) = (&self.data, model.size_step());
        ensure!(
            model.frame_rule().accepts(data.frames),
            "data.frames = {} does not suit the model; the next length that does is {}",
            data.frames,
            model.frame_rule().padded(data.frames)
        );
        for (name, size) in [
            ("data.size", data.size),
            ("validation.size", self.validation.size),
        ] {
            ensure!(
                size > 0 && size.is_multiple_of(step),
                "{name} = {size} does not suit the model; take a multiple of {step}"
            );
        }
        ensure!(
            data.cache_short_side >= data.size.max(self.validation.size),
            "data.cache_short_side = {} is smaller than the windows cut from it; raise it",
            data.cache_short_side
        );
        let counts = [
            ("steps", self.steps),
            ("data.batch", data.batch as u64),
            ("data.max_stride", data.max_stride as u64),
            ("validation.every", self.validation.every),
            ("validation.clips", self.validation.clips as u64),
            ("run.log_every", self.run.log_every),
        ];
        for (name, count) in counts {
            ensure!(count > 0, "{name} must be at least 1");
        }
        ensure!(
            self.optimiser.lr > 0.0 && self.optimiser.clip_norm > 0.0,
            "optimiser.lr and optimiser.clip_norm must be greater than 0"
        );
        ensure!(
            data.max_fps
                .is_none_or(|rate| rate.is_finite() && rate > 0.0),
            "data.max_fps must be greater than 0"
        );
        let folders = data.folders.iter().map(|folder| folder.weight);
        let prefixes = data.clip_weights.iter().map(|rule| rule.weight);
        let weights: Vec<f64> = folders.chain(prefixes).chain([data.scenes]).collect();
        ensure!(
            weights.iter().all(|w| w.is_finite() && *w >= 0.0),
            "the weights in [data] must be 0 or greater"
        );
        Ok(())
    }

    /// A hash of everything that decides what is learnt from which state: runs can be continued
    /// only under the same one.
    ///
    /// Left out are the number of steps (a run may be prolonged), where the clips lie (folders
    /// move between machines), and what is only reported.
    pub(crate) fn fingerprint(&self) -> Result<String> {
        let data = DataConfig {
            folders: Vec::new(),
            ..self.data.clone()
        };
        let model = self.model()?.to_json();
        let parts = serde_json::to_string(&(self.seed, model, data, &self.optimiser, &self.loss))?;
        Ok(hex(&Sha256::digest(parts)))
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_trained_and_written_out() {
        for (name, _) in PRESETS {
            let config = Config::preset(name).unwrap();
            assert_eq!(config.name, name);
            config.check().unwrap();
            let again = Config::from_toml(&config.to_toml().unwrap()).unwrap();
            assert_eq!(again.model().unwrap(), config.model().unwrap());
            assert_eq!(again.fingerprint().unwrap(), config.fingerprint().unwrap());
        }
    }

    #[test]
    fn the_fingerprint_sees_what_matters() {
        let config = Config::preset("tiny").unwrap();
        let print = |change: &dyn Fn(&mut Config)| {
            let mut changed = config.clone();
            change(&mut changed);
            changed.fingerprint().unwrap()
        };
        let own = config.fingerprint().unwrap();
        assert_ne!(print(&|c| c.optimiser.lr *= 2.0), own);
        assert_ne!(print(&|c| c.seed += 1), own);
        assert_ne!(print(&|c| c.loss.reduction = Reduction::Reference), own);
        assert_ne!(print(&|c| c.data.flip = false), own);
        assert_ne!(print(&|c| c.data.windows = Windows::Reference), own);
        assert_eq!(print(&|c| c.steps += 1), own);
        assert_eq!(print(&|c| c.run.log_every += 1), own);
    }

    #[test]
    fn typing_errors_are_named() {
        let said = |right: &str, wrong: &str| {
            let text = PRESETS[0].1.replace(right, wrong);
            format!("{:#}", Config::from_toml(&text).unwrap_err())
        };
        let error = said("warmup_steps", "warmup_step");
        assert!(
            error.contains("`warmup_step`; did you mean `warmup_steps`?"),
            "{error}"
        );
        let error = said("base_channels", "base_chanels");
        assert!(
            error.contains("`base_chanels` in [model]; did you mean `base_channels`?"),
            "{error}"
        );
    }

    #[test]
    fn what_does_not_suit_the_model_is_refused() {
        let mut config = Config::preset("tiny").unwrap();
        config.data.frames = 20;
        assert!(config.check().unwrap_err().to_string().contains("32"));
    }
}
