//! What a run is: model, data, losses, optimiser.

mod adversarial;
mod check;
mod defaults;
mod flat;
mod loss;
mod mask;
mod optimiser;
mod presets;
mod ranges;
mod short_lists;
mod topk;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use dataset::{DataConfig, Dataset, HeldOutConfig, Watch};
use files::sha256;
use serde::{Deserialize, Serialize};
use typos::{explain, nearest};
use vae::ModelConfig;

pub(crate) use adversarial::{AdversarialConfig, DiscriminatorLoss, PatchKind, Pull, Turns};
use defaults::{twenty, two, yes};
pub(crate) use flat::flat;
pub(crate) use loss::{BackboneName, BandsConfig, KlOn, LossConfig, PerceptualConfig, Reduction};
pub(crate) use optimiser::{Matrices, OptimiserConfig, Precision, Schedule};
pub(crate) use presets::{PRESET_FOR_CLIPS, preset_text};
pub(crate) use topk::TopKConfig;

/// Keys of the references' model configs that decide nothing here, beside those with a leading `_`.
const WITHOUT_EFFECT: [&str; 5] = ["dropout", "latents_mean", "latents_std", "scale", "shift"];

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
    /// The best linear autoencoder of the training windows; see [`crate::initialisation`].
    Principal,
}

impl Start {
    fn is_random(&self) -> bool {
        *self == Self::Random
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

impl Config {
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

    /// Refuses keys that the model does not have. Some of the references' JSON decide nothing here
    /// and are left alone.
    fn check_model_keys(&self) -> Result<()> {
        let toml::Value::Table(table) = &self.model else {
            return Ok(());
        };
        let known: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&self.model()?.to_json())?;
        let known: Vec<&str> = known.keys().map(String::as_str).collect();
        for key in table.keys().map(String::as_str) {
            let without_effect = key.starts_with('_') || WITHOUT_EFFECT.contains(&key);
            if known.contains(&key) || without_effect || self.reads_model_key(key) {
                continue;
            }
            match nearest(key, known.iter().copied()) {
                Some(near) => bail!("unknown key `{key}` in [model]; did you mean `{near}`?"),
                None => bail!(
                    "unknown key `{key}` in [model]; known: {}",
                    known.join(", ")
                ),
            }
        }
        Ok(())
    }

    /// Whether a key is read by another name than it is written by: then nonsense there is an error.
    fn reads_model_key(&self, key: &str) -> bool {
        let mut changed = self.clone();
        if let toml::Value::Table(table) = &mut changed.model {
            table.insert(key.to_owned(), toml::Value::Table(toml::Table::new()));
        }
        changed.model().is_err()
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

    /// The run's data, its clips decoded into a folder.
    ///
    /// # Errors
    /// As [`Dataset::open`].
    pub(crate) fn dataset(&self, cache: &Path, watch: Watch<'_>) -> Result<Dataset> {
        let held_out = HeldOutConfig {
            clips: self.validation.clips,
            size: self.validation.size,
        };
        Dataset::open(&self.data, held_out, self.seed, cache, watch)
    }

    /// A hash of everything that decides what is learnt from which state: runs can be continued
    /// only under the same one.
    ///
    /// Left out are the number of steps (a run may be prolonged), when the rate begins to fall, where files lie (folders move
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
        // A stable run's decay may begin at any step.
        let optimiser = OptimiserConfig {
            decay_from: None,
            ..self.optimiser.clone()
        };
        let mut parts = serde_json::to_string(&(self.seed, model, data, optimiser, loss))?;
        // Left out where there is nothing, so that the fingerprint of older runs stays.
        if self.adversarial.is_some() || self.topk.is_some() || !self.freeze.is_empty() {
            let more = (&self.adversarial, &self.topk, &self.freeze);
            parts += &serde_json::to_string(&more)?;
        }
        Ok(sha256(parts))
    }
}

#[cfg(test)]
mod tests {
    use dataset::Windows;

    use super::*;

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
    fn model_keys_have_the_references_other_names_too() {
        let text = include_str!("../configs/wan16-lc8.toml");
        let mut config = Config::from_toml(text).unwrap();
        let model = config.model.as_table_mut().unwrap();
        let channels = model
            .remove("latent_dim")
            .or(model.remove("z_dim"))
            .unwrap();
        model.insert("z_channels".into(), channels);
        model.insert("_diffusers_version".into(), "0.34".into());
        config.check_model_keys().unwrap();
    }

    #[test]
    fn typing_errors_are_named() {
        let said = |right: &str, wrong: &str| {
            let text = include_str!("../configs/tiny.toml").replace(right, wrong);
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
        let error = said("base_channels = ", "zdim = 4\nbase_channels = ");
        assert!(
            error.contains("unknown key `zdim` in [model]; known: "),
            "{error}"
        );
    }
}
