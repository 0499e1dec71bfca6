//! What is done, and in which order.
//!
//! A run is not a script: [`Session::next_step`] looks at what is there and says what is missing,
//! again and again until nothing is. So a run that was cancelled, or that failed, goes on where it
//! was, and a wish that comes while others are worked on is simply the next thing missing.

mod steps;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use clips::Scene;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{DeviceChoice, DeviceReport, FailureKind, ModelReport};
use wavelet::MaskChoice;
use web_sys::File;

use crate::progress;
use crate::state::{Model, Phase, State};
use crate::video::VideoError;
use crate::worker_client::{WorkerClient, WorkerError};

/// Where frames come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Scene(Scene),
    File(File),
}

/// A model of the visitor's own, which may have come without its config.
#[derive(Clone, Debug)]
struct OwnModel {
    config: Option<String>,
    weights: File,
}

/// Something that is missing.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Read,
    Open,
    Load(Model),
    Encode,
    Decode(MaskChoice),
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Video(#[from] VideoError),
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// How views reach the session.
pub(crate) type Handle = StoredValue<Rc<Session>, LocalStorage>;

/// The session of one visit.
pub(crate) struct Session {
    state: State,
    source: RefCell<Option<Source>>,
    /// What to go back to if the source cannot be read.
    last_good: RefCell<Option<Source>>,
    /// Whether the source must be read again.
    stale: Cell<bool>,
    own_model: RefCell<Option<OwnModel>>,
    worker: RefCell<Option<Rc<WorkerClient>>>,
    /// Whether the worker has a question to answer.
    asking: Cell<bool>,
    device: RefCell<Option<DeviceReport>>,
    loaded: RefCell<Option<(String, ModelReport)>>,
    running: Cell<bool>,
    /// Counts up when a run is taken over; a run of an older generation changes nothing any more.
    generation: Cell<u32>,
}

impl Session {
    pub(crate) fn new(state: State) -> Rc<Self> {
        Rc::new(Self {
            state,
            source: RefCell::default(),
            last_good: RefCell::default(),
            stale: Cell::new(false),
            own_model: RefCell::default(),
            worker: RefCell::default(),
            asking: Cell::new(false),
            device: RefCell::default(),
            loaded: RefCell::default(),
            running: Cell::new(false),
            generation: Cell::new(0),
        })
    }

    /// Shows a scene or a file, and runs.
    pub(crate) fn open(self: &Rc<Self>, source: Source) {
        self.interrupt();
        self.state.scene.set(match &source {
            Source::Scene(scene) => Some(*scene),
            Source::File(_) => None,
        });
        *self.source.borrow_mut() = Some(source);
        self.reread();
    }

    /// Reads the source again, with new settings, and runs.
    pub(crate) fn reread(self: &Rc<Self>) {
        if self.source.borrow().is_some() {
            self.interrupt();
            self.stale.set(true);
            self.go();
        }
    }

    /// Chooses a model, and runs.
    pub(crate) fn choose_model(self: &Rc<Self>, id: String) {
        self.interrupt();
        // Single coefficients were chosen for the model before.
        if matches!(
            self.state.chosen_mask.get_untracked(),
            Some(MaskChoice::Channels(_))
        ) {
            self.state.chosen_mask.set(None);
        }
        self.state.model_id.set(id);
        self.go();
    }

    /// Adds a model of the visitor's own, and chooses it.
    pub(crate) fn add_model(self: &Rc<Self>, config: Option<String>, weights: File) {
        let name = weights.name();
        *self.own_model.borrow_mut() = Some(OwnModel { config, weights });
        let id = "own".to_owned();
        let model = Model {
            id: id.clone(),
            name,
            family: "Yours".into(),
            summary: "Your own weights.".into(),
            entry: None,
        };
        self.interrupt();
        // Results of an earlier model of this name are not this model's.
        self.loaded.take();
        self.state.encoded.update(|encoded| {
            encoded.remove(&id);
        });
        self.state
            .reconstructions
            .update(|all| all.retain(|(model, _), _| *model != id));
        self.state.models.update(|models| {
            models.retain(|other| other.id != id);
            models.push(model);
        });
        self.choose_model(id);
    }

    /// Chooses a device, and runs on it from the beginning.
    pub(crate) fn choose_device(self: &Rc<Self>, device: DeviceChoice) {
        self.interrupt();
        self.state.device_choice.set(device);
        self.replace_worker();
        self.state.encoded.update(|encoded| encoded.clear());
        self.state.reconstructions.update(|all| all.clear());
        self.go();
    }

    /// Goes on on the CPU with what is missing, after a GPU that failed.
    pub(crate) fn go_on_without_gpu(self: &Rc<Self>) {
        self.interrupt();
        self.state.device_choice.set(DeviceChoice::Cpu);
        self.replace_worker();
        self.go();
    }

    /// Ends what is being done, at once; what was finished stays.
    pub(crate) fn cancel(self: &Rc<Self>) {
        self.interrupt();
        if self.stale.replace(false) {
            self.go_back();
        }
        self.state.phase.set(Phase::Cancelled);
    }

    /// Does what is missing, if anything is.
    pub(crate) fn go(self: &Rc<Self>) {
        if self.running.get() {
            return;
        }
        if self.next_step().is_none() {
            // What was asked for last is there already.
            if self.state.phase.get_untracked() != Phase::Idle {
                self.state.phase.set(Phase::Done);
            }
            return;
        }
        self.running.set(true);
        self.state.stages.set(Vec::new());
        self.state.phase.set(Phase::Busy);
        let session = Rc::clone(self);
        let generation = self.generation.get();
        spawn_local(async move {
            let outcome = session.work(generation).await;
            if session.generation.get() == generation {
                session.finish(outcome);
            }
        });
    }

    async fn work(&self, generation: u32) -> Result<(), RunError> {
        while self.generation.get() == generation
            && let Some(step) = self.next_step()
        {
            self.perform(step, generation).await?;
        }
        Ok(())
    }

    fn finish(self: &Rc<Self>, outcome: Result<(), RunError>) {
        self.running.set(false);
        progress::end(self.state.stages, outcome.is_ok());
        let Err(error) = outcome else {
            self.state.phase.set(Phase::Done);
            return;
        };
        self.state.phase.set(Phase::Failed);
        if self.stale.replace(false) {
            self.go_back();
        }
        let kind = match &error {
            RunError::Worker(WorkerError::Failed(failure)) => Some(failure.kind),
            RunError::Worker(_) => Some(FailureKind::DeviceLost),
            RunError::Video(_) => None,
        };
        let is_gone = matches!(
            kind,
            Some(FailureKind::DeviceLost | FailureKind::OutOfMemory | FailureKind::Internal)
        );
        let on_cpu = self.state.device_choice.get_untracked() == DeviceChoice::Cpu;
        let no_device = kind == Some(FailureKind::NoDevice);
        self.state
            .alert(error.to_string(), (is_gone || no_device) && !on_cpu);
        if is_gone || no_device {
            self.replace_worker();
        }
    }

    /// Takes over from a run, if there is one.
    fn interrupt(&self) {
        if !self.running.replace(false) {
            return;
        }
        self.generation.set(self.generation.get() + 1);
        progress::end(self.state.stages, false);
        if self.asking.get() {
            self.replace_worker();
        }
    }

    /// Ends the worker, and starts another right away so that the next run finds it ready.
    fn replace_worker(&self) {
        self.asking.set(false);
        self.device.take();
        self.loaded.take();
        if let Some(worker) = self.worker.take() {
            worker.stop();
        }
        *self.worker.borrow_mut() = WorkerClient::start().map(Rc::new).ok();
    }

    /// The last source that could be read takes the place of one that could not.
    fn go_back(&self) {
        let last = self.last_good.borrow().clone();
        self.state.scene.set(match &last {
            Some(Source::Scene(scene)) => Some(*scene),
            _ => None,
        });
        *self.source.borrow_mut() = last;
    }

    fn next_step(&self) -> Option<Step> {
        if self.stale.get() {
            return Some(Step::Read);
        }
        untrack(|| {
            let state = &self.state;
            let (_, model) = (state.footage.get()?, state.model()?);
            let wanted = if state.current().is_none() {
                Step::Encode
            } else if state.plain().is_none() {
                Step::Decode(state.own_mask()?)
            } else if state.zeroing.get() && state.zeroed().is_none() {
                Step::Decode(state.mask())
            } else {
                return None;
            };
            if self.device.borrow().is_none() {
                return Some(Step::Open);
            }
            let loaded = self.loaded.borrow();
            let is_loaded = loaded.as_ref().is_some_and(|(id, _)| *id == model.id);
            Some(if is_loaded { wanted } else { Step::Load(model) })
        })
    }
}
