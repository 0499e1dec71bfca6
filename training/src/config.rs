//! What a run is: model, data, losses, optimiser.

mod adversarial;
mod loss;
mod mask;
mod ranges;
mod short_lists;
mod topk;

pub(crate) use adversarial::{AdversarialConfig, DiscriminatorLoss, PatchKind, Pull, Turns};
pub(crate) use loss::{BandsConfig, KlOn, LossConfig, PerceptualConfig, Reduction};
pub(crate) use topk::TopKConfig;

use std::path::{Path, PathBuf};

use analysis::SSIM_WINDOW;
use anyhow::{Context, Result, anyhow, bail, ensure};
use burn::tensor::FloatDType;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vae::ModelConfig;
use wavelet::MaskChoice;

use crate::codec::MASKABLE;

use crate::typos::{explain, nearest};

/// Configs that are built in, by name.
const PRESETS: [(&str, &str); 25] = [
    ("tiny", include_str!("../configs/tiny.toml")),
    ("wf16-c4", include_str!("../configs/wf16-c4.toml")),
    ("wf16-c8", include_str!("../configs/wf16-c8.toml")),
    ("lc16-c8", include_str!("../configs/lc16-c8.toml")),
    (
        "lc16-c8-paper",
        include_str!("../configs/lc16-c8-paper.toml"),
    ),
    (
        "lc16-c8-energy",
        include_str!("../configs/lc16-c8-energy.toml"),
    ),
    ("wf16-c16", include_str!("../configs/wf16-c16.toml")),
    (
        "lc16-c16-energy",
        include_str!("../configs/lc16-c16-energy.toml"),
    ),
    ("lean-c4", include_str!("../configs/lean-c4.toml")),
    ("lean-c8", include_str!("../configs/lean-c8.toml")),
    ("lean-lc8", include_str!("../configs/lean-lc8.toml")),
    (
        "lean-lc8-energy",
        include_str!("../configs/lean-lc8-energy.toml"),
    ),
    ("lean-lc8-25", include_str!("../configs/lean-lc8-25.toml")),
    ("lean-lc8-75", include_str!("../configs/lean-lc8-75.toml")),
    (
        "lean-lc8-paper",
        include_str!("../configs/lean-lc8-paper.toml"),
    ),
    ("lean-c16", include_str!("../configs/lean-c16.toml")),
    ("lean-c32", include_str!("../configs/lean-c32.toml")),
    (
        "lean-lc32-energy",
        include_str!("../configs/lean-lc32-energy.toml"),
    ),
    ("wan16-lc8", include_str!("../configs/wan16-lc8.toml")),
    ("iv8-lc8", include_str!("../configs/iv8-lc8.toml")),
    ("wf-stage1", include_str!("../configs/wf-stage1.toml")),
    ("wf-stage2", include_str!("../configs/wf-stage2.toml")),
    ("wf-stage3", include_str!("../configs/wf-stage3.toml")),
    ("lc-published", include_str!("../configs/lc-published.toml")),
    (
        "lean-published",
        include_str!("../configs/lean-published.toml"),
    ),
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
    /// A run or weight file to start from, instead of random weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) init: Option<PathBuf>,
    /// Parts of the model that are not trained, named like its tensors: `encoder`, `decoder.mid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) freeze: Vec<String>,
    /// The model: the reference's JSON as a table, or the path of such a JSON file.
    pub(crate) model: toml::Value,
    pub(crate) data: DataConfig,
    pub(crate) optimiser: OptimiserConfig,
    pub(crate) loss: LossConfig,
    /// A discriminator, if there is to be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) adversarial: Option<AdversarialConfig>,
    /// Adaptive Top-k, instead of the model's mask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topk: Option<TopKConfig>,
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
    /// The middle of the frame scaled until its shorter side is the window's: the WF-VAE code's,
    /// but for the frames kept decoded, whose longer side is rounded where theirs is cut down.
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
    /// Share of the peak that is left at the last step; 1 for a constant rate.
    pub(crate) final_lr_ratio: f64,
    /// The step at which it has fallen so far; else the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decay_steps: Option<u64>,
    pub(crate) betas: [f32; 2],
    pub(crate) epsilon: f32,
    /// Decoupled weight decay.
    pub(crate) weight_decay: f32,
    /// Largest Euclidean norm of all gradients together; `inf` for any.
    pub(crate) clip_norm: f64,
    /// Batches whose gradients are averaged for a step.
    #[serde(default = "one", skip_serializing_if = "is_one_batch")]
    pub(crate) accumulate: u64,
    /// What updates the matrices of linear layers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) matrices: Matrices,
    /// The numbers that a pass computes with; weights, optimiser and losses are f32 either way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) precision: Precision,
    /// Decay of the average of the weights.
    pub(crate) ema_decay: f64,
    /// Whether the decay starts low and rises, so that the random start is soon forgotten; the
    /// references' is constant.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) ema_warmup: bool,
}

/// What updates the matrices of linear layers. Everything else is AdamW's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Matrices {
    /// Like everything else.
    #[default]
    AdamW,
    /// Momentum made orthogonal, so that every direction moves by as much; scaled such that
    /// AdamW's learning rate suits it. Worth its time where most weights are in linear layers
    /// (training/TRIALS.md).
    Muon,
}

/// The numbers that the model computes with in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Precision {
    #[default]
    F32,
    /// Half the memory, and the fast units of recent GPUs. Normalisation, softmax and the latent
    /// between the two halves stay f32.
    Bf16,
}

impl Precision {
    pub(crate) fn dtype(self) -> FloatDType {
        match self {
            Self::F32 => FloatDType::F32,
            Self::Bf16 => FloatDType::BF16,
        }
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
    /// Checkpoints kept, the newest ones.
    #[serde(default = "two")]
    pub(crate) keep_last: usize,
    /// Whether the checkpoint with the best PSNR on held-out clips is kept as well.
    #[serde(default = "yes")]
    pub(crate) keep_best: bool,
    /// Steps in a row that may be skipped because something was not finite.
    #[serde(default = "twenty")]
    pub(crate) max_skipped: u64,
}

fn one() -> u64 {
    1
}

fn two() -> usize {
    2
}

fn twenty() -> u64 {
    20
}

fn is_one_batch(value: &u64) -> bool {
    *value == 1
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn is_one(value: &f64) -> bool {
    *value == 1.0
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

    /// Reads a config file; the paths of a model JSON, a mask file and perceptual files in it are
    /// relative to the file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the config {} cannot be read", path.display()))?;
        let wrong = || format!("the config {} cannot be used", path.display());
        let mut config = Self::parse(&text).with_context(wrong)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.read_mask(folder).with_context(wrong)?;
        config.check_model_keys().with_context(wrong)?;
        if let toml::Value::String(json) = &config.model {
            let json = folder.join(json);
            config.model = toml::Value::String(json.to_string_lossy().into_owned());
        }
        if let Some(perceptual) = &mut config.loss.perceptual {
            let files = [&mut perceptual.file, &mut perceptual.heads];
            for file in files.into_iter().flatten() {
                // The run's own copy of the config lies elsewhere.
                *file = std::path::absolute(folder.join(&file)).with_context(wrong)?;
            }
        }
        Ok(config)
    }

    fn from_toml(text: &str) -> Result<Self> {
        let config = Self::parse(text)?;
        config.check_model_keys()?;
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| anyhow!(explain(text, &error)))
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
        Ok(short_lists::joined(&toml::to_string_pretty(&whole)?))
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
        ensure!(
            self.loss.ssim == 0.0 || data.size >= SSIM_WINDOW,
            "data.size = {} is smaller than SSIM's window; take at least {SSIM_WINDOW}, or leave \
             loss.ssim out",
            data.size
        );
        let counts = [
            ("steps", self.steps),
            ("data.batch", data.batch as u64),
            ("data.max_stride", data.max_stride as u64),
            ("validation.every", self.validation.every),
            ("validation.clips", self.validation.clips as u64),
            ("run.log_every", self.run.log_every),
            ("run.keep_last", self.run.keep_last as u64),
            ("run.max_skipped", self.run.max_skipped),
            ("optimiser.accumulate", self.optimiser.accumulate),
        ];
        for (name, count) in counts {
            ensure!(count > 0, "{name} must be at least 1");
        }
        self.check_ranges()?;
        self.check_compression(&model)?;
        self.check_adversarial(&model)
    }

    fn check_compression(&self, model: &ModelConfig) -> Result<()> {
        if let Some(topk) = &self.topk {
            ensure!(
                topk.keep > 0.0 && topk.keep <= 1.0,
                "topk.keep = {} is not a share; take more than 0 and at most 1",
                topk.keep
            );
            let temperature = topk.soft.map_or(1.0, |soft| soft.temperature);
            ensure!(
                temperature > 0.0,
                "topk.soft.temperature = {temperature} must be greater than 0"
            );
            ensure!(
                *model.mask() == MaskChoice::None,
                "[topk] chooses what is kept; set mask = \"none\" in [model]"
            );
        }
        // A latent is an eighth of the clip, and the transform halves it once more.
        let whole = self.topk.is_none() && *model.mask() == MaskChoice::None;
        ensure!(
            whole || self.data.size.is_multiple_of(MASKABLE),
            "data.size = {} gives latents with odd sides, which cannot be compressed; take a \
             multiple of {MASKABLE}",
            self.data.size
        );
        if self.loss.kl_on == KlOn::Kept {
            ensure!(
                self.topk.is_none(),
                "loss.kl_on = \"kept\" needs a fixed mask and cannot be had with [topk]"
            );
            let frames = model.latent_frames(self.data.frames);
            let groups = model.compressed_frames(frames).len();
            ensure!(
                groups > 0 && groups.is_multiple_of(8),
                "loss.kl_on = \"kept\" needs latents in whole groups of 8 frames; with \
                 data.frames = {} there are {groups} to compress",
                self.data.frames
            );
        }
        Ok(())
    }

    fn check_adversarial(&self, model: &ModelConfig) -> Result<()> {
        let Some(adversarial) = &self.adversarial else {
            return Ok(());
        };
        ensure!(
            adversarial.width > 0 && adversarial.layers > 0,
            "adversarial.width and adversarial.layers must be at least 1"
        );
        ensure!(
            !adversarial.adaptive || model.has_last_layer(),
            "the adaptive weight is defined for WF-VAE and LC-VAE only; set \
             adversarial.adaptive = false"
        );
        // Every strided layer halves the frame, and the last two take two pixels off it.
        let least = 3_usize.checked_shl(adversarial.layers as u32);
        ensure!(
            adversarial.patch != PatchKind::Frame || least.is_some_and(|n| self.data.size >= n),
            "data.size = {} is too small for a discriminator over frames with {} layers",
            self.data.size,
            adversarial.layers
        );
        Ok(())
    }

    /// A hash of everything that decides what is learnt from which state: runs can be continued
    /// only under the same one.
    ///
    /// Left out are the number of steps (a run may be prolonged), where files lie (folders move
    /// between machines), what the first weights were, and what is only reported.
    pub(crate) fn fingerprint(&self) -> Result<String> {
        let data = DataConfig {
            folders: Vec::new(),
            ..self.data.clone()
        };
        let model = self.model()?.to_json();
        let mut loss = self.loss.clone();
        if let Some(perceptual) = &mut loss.perceptual {
            (perceptual.file, perceptual.heads) = (None, None);
        }
        let mut parts = serde_json::to_string(&(self.seed, model, data, &self.optimiser, loss))?;
        // Left out where there is nothing, so that the fingerprint of older runs stays.
        if self.adversarial.is_some() || self.topk.is_some() || !self.freeze.is_empty() {
            let more = (&self.adversarial, &self.topk, &self.freeze);
            parts += &serde_json::to_string(&more)?;
        }
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
        assert_ne!(
            print(&|c| c.adversarial = Some(AdversarialConfig::default())),
            own
        );
        assert_ne!(print(&|c| c.freeze = vec!["encoder".into()]), own);
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

    #[test]
    fn compression_that_cannot_be_had_is_refused() {
        let mut config = Config::preset("tiny").unwrap();
        config.loss.kl_on = KlOn::Kept;
        config.check().unwrap();
        config.topk = Some(toml::from_str("keep = 0.5").unwrap());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("mask = \"none\""), "{said}");
        let model = config.model.as_table_mut().unwrap();
        model.insert("mask".into(), "none".into());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("fixed mask"), "{said}");

        let mut config = Config::preset("lean-lc8").unwrap();
        config.data.size = 56;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("multiple of 16"), "{said}");

        let mut config = Config::preset("wf-stage1").unwrap();
        config.loss.kl_on = KlOn::Kept;
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("there are 6 to compress"), "{said}");
    }

    #[test]
    fn a_discriminator_that_does_not_suit_the_model_is_refused() {
        let mut config = Config::preset("lean-lc8").unwrap();
        config.adversarial = Some(AdversarialConfig::default());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("adversarial.adaptive = false"), "{said}");
        let own = "adaptive = false\npatch = \"frame\"\nlayers = 5";
        config.adversarial = Some(toml::from_str(own).unwrap());
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains("too small"), "{said}");
    }
}
