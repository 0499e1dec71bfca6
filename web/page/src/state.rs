//! Everything that the page knows, as signals.

use std::collections::HashMap;
use std::sync::Arc;

use analysis::{FrameQuality, mean_quality};
use clips::{Clip, Scene};
use leptos::prelude::*;
use protocol::{
    DeviceChoice, DeviceReport, LatentReport, ModelEntry, ModelReport, ReconstructionReport,
};
use wavelet::MaskChoice;

use crate::progress::StageRow;
use crate::video::{Fit, Part};

/// What is to be read from a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) part: Part,
    pub(crate) fit: Fit,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            part: Part {
                start: 0.0,
                frames: 32,
            },
            fit: Fit {
                size: 128,
                square: true,
            },
        }
    }
}

/// A clip and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Footage {
    pub(crate) name: String,
    pub(crate) clip: Clip,
    /// Frames a second, on average.
    pub(crate) rate: f64,
    /// When each frame is shown, in microseconds from the first.
    pub(crate) times: Vec<i64>,
    /// Whether frames may be off by one or repeated.
    pub(crate) approximate: bool,
    /// Format and original size, for people.
    pub(crate) origin: String,
    pub(crate) note: Option<String>,
}

/// A clip as a model encoded it.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) model: ModelReport,
    pub(crate) device: DeviceReport,
    pub(crate) report: LatentReport,
    /// The latent, f32, little-endian.
    pub(crate) values: Arc<[u8]>,
}

/// A clip as a model decoded it.
#[derive(Clone, Debug)]
pub(crate) struct Reconstruction {
    pub(crate) report: ReconstructionReport,
    pub(crate) frames: Clip,
}

impl Reconstruction {
    /// Quality of the whole clip.
    pub(crate) fn mean(&self) -> Option<FrameQuality> {
        mean_quality(&self.report.quality)
    }
}

/// A model that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What it is listed under.
    pub(crate) family: String,
    pub(crate) summary: String,
    /// Its entry in the list of published models; `None` for the visitor's own.
    pub(crate) entry: Option<ModelEntry>,
}

impl From<ModelEntry> for Model {
    fn from(entry: ModelEntry) -> Self {
        Self {
            id: entry.id.clone(),
            name: entry.name.clone(),
            family: entry.family.clone(),
            summary: entry.summary.clone(),
            entry: Some(entry),
        }
    }
}

/// How things stand, for the status line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Idle,
    Busy,
    Done,
    Cancelled,
    Failed,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) id: usize,
    pub(crate) text: String,
    /// Whether to offer the CPU.
    pub(crate) offer_cpu: bool,
}

/// Everything that the page knows.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) settings: RwSignal<Settings>,
    pub(crate) device_choice: RwSignal<DeviceChoice>,
    pub(crate) models: RwSignal<Vec<Model>>,
    pub(crate) model_id: RwSignal<String>,
    /// The scene that is shown, if it is one.
    pub(crate) scene: RwSignal<Option<Scene>>,

    pub(crate) footage: RwSignal<Option<Arc<Footage>>>,
    pub(crate) device: RwSignal<Option<DeviceReport>>,
    /// By model.
    pub(crate) encoded: RwSignal<HashMap<String, Arc<Encoded>>>,
    /// By model and mask.
    pub(crate) reconstructions: RwSignal<HashMap<(String, MaskChoice), Arc<Reconstruction>>>,

    /// Whether groups are zeroed for a second reconstruction.
    pub(crate) zeroing: RwSignal<bool>,
    /// What the second reconstruction keeps; `None` until somebody chooses.
    pub(crate) chosen_mask: RwSignal<Option<MaskChoice>>,

    pub(crate) phase: RwSignal<Phase>,
    pub(crate) stages: RwSignal<Vec<StageRow>>,
    pub(crate) alerts: RwSignal<Vec<Alert>>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            settings: RwSignal::default(),
            device_choice: RwSignal::default(),
            models: RwSignal::default(),
            model_id: RwSignal::default(),
            scene: RwSignal::default(),
            footage: RwSignal::default(),
            device: RwSignal::default(),
            encoded: RwSignal::default(),
            reconstructions: RwSignal::default(),
            zeroing: RwSignal::default(),
            chosen_mask: RwSignal::default(),
            phase: RwSignal::default(),
            stages: RwSignal::default(),
            alerts: RwSignal::default(),
        }
    }

    /// The chosen model.
    pub(crate) fn model(&self) -> Option<Model> {
        let id = self.model_id.get();
        self.models
            .with(|models| models.iter().find(|model| model.id == id).cloned())
    }

    /// The clip as the chosen model encoded it.
    pub(crate) fn current(&self) -> Option<Arc<Encoded>> {
        let id = self.model_id.get();
        self.encoded.with(|encoded| encoded.get(&id).cloned())
    }

    /// The chosen model's own mask, once it is known.
    pub(crate) fn own_mask(&self) -> Option<MaskChoice> {
        let encoded = self.current().map(|encoded| encoded.model.mask.clone());
        encoded.or_else(|| self.model()?.entry.map(|entry| entry.mask))
    }

    /// What the second reconstruction keeps. Until somebody chooses: what the model was trained
    /// with, or for one trained with everything what another was trained with, if that is a choice
    /// of groups: single coefficients were chosen for that other model alone.
    pub(crate) fn mask(&self) -> MaskChoice {
        let masks_something = |mask: &MaskChoice| *mask != MaskChoice::None;
        let of_groups = |mask: &MaskChoice| !matches!(mask, MaskChoice::Channels(_));
        let trained = || {
            self.models.with(|models| {
                models
                    .iter()
                    .filter_map(|model| Some(model.entry.as_ref()?.mask.clone()))
                    .find(|mask| masks_something(mask) && of_groups(mask))
            })
        };
        self.chosen_mask
            .get()
            .or_else(|| self.own_mask().filter(masks_something))
            .or_else(trained)
            .unwrap_or(MaskChoice::Paper50)
    }

    fn reconstruction(&self, mask: MaskChoice) -> Option<Arc<Reconstruction>> {
        let key = (self.model_id.get(), mask);
        self.reconstructions.with(|all| all.get(&key).cloned())
    }

    /// The reconstruction with the model's own mask.
    pub(crate) fn plain(&self) -> Option<Arc<Reconstruction>> {
        self.reconstruction(self.own_mask()?)
    }

    /// The reconstruction with the chosen mask, if one is wanted.
    pub(crate) fn zeroed(&self) -> Option<Arc<Reconstruction>> {
        if self.zeroing.get() {
            self.reconstruction(self.mask())
        } else {
            None
        }
    }

    /// Tells the visitor that something went wrong.
    pub(crate) fn alert(&self, text: String, offer_cpu: bool) {
        self.alerts.update(|alerts| {
            alerts.retain(|alert| alert.text != text);
            let id = alerts.last().map_or(0, |alert| alert.id + 1);
            alerts.push(Alert {
                id,
                text,
                offer_cpu,
            });
        });
    }
}
