//! How each missing thing is got.

use std::rc::Rc;
use std::sync::Arc;

use clips::Clip;
use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::*;
use protocol::{ClipShape, ModelSource, ReplyBody, RequestBody};
use wavelet::MaskChoice;

use super::{RunError, Session, Source, Step};
use crate::dom;
use crate::progress::{self, Stage};
use crate::scenes;
use crate::state::{Encoded, Footage, Model, Reconstruction};
use crate::video::{self, VideoError, Watch};
use crate::worker_client::{Answer, WorkerClient, WorkerError};

impl Session {
    pub(super) async fn perform(&self, step: Step, generation: u32) -> Result<(), RunError> {
        match step {
            Step::Read => self.read(generation).await?,
            Step::Open => self.open_device(generation).await?,
            Step::Load(model) => self.load(&model, generation).await?,
            Step::Encode => self.encode(generation).await?,
            Step::Decode(mask) => self.decode(mask, generation).await?,
        }
        Ok(())
    }

    async fn read(&self, generation: u32) -> Result<(), VideoError> {
        let Some(source) = self.source.borrow().clone() else {
            self.stale.set(false);
            return Ok(());
        };
        // Its module loads while the frames are read.
        if self.worker.borrow().is_none() {
            self.replace_worker();
        }
        let settings = self.state.settings.get_untracked();
        let stages = self.state.stages;
        let watch = Watch {
            progress: &|done, total| {
                if self.generation.get() == generation {
                    progress::reach(stages, Stage::Read, done as u64, total as u64);
                }
            },
            cancelled: &|| self.generation.get() != generation,
        };
        (watch.progress)(0, settings.part.frames);
        let footage = match &source {
            Source::Scene(scene) => scenes::read(*scene, settings, &watch).await?,
            Source::File(file) => {
                let loaded = video::read(file, settings.part, settings.fit, &watch).await?;
                let (width, height) = loaded.source;
                let single = (loaded.clip.frames() == 1).then(|| {
                    "One frame only: a model that needs more sees it repeated.".to_owned()
                });
                Footage {
                    name: file.name(),
                    clip: loaded.clip,
                    rate: loaded.rate,
                    times: loaded.times,
                    approximate: loaded.approximate,
                    origin: format!("{}, {width} × {height}", loaded.kind),
                    note: loaded.note.or(single),
                }
            }
        };
        if self.generation.get() == generation {
            self.stale.set(false);
            *self.last_good.borrow_mut() = Some(source);
            self.state.encoded.update(|encoded| encoded.clear());
            self.state.reconstructions.update(|all| all.clear());
            self.state.footage.set(Some(Arc::new(footage)));
        }
        Ok(())
    }

    async fn open_device(&self, generation: u32) -> Result<(), WorkerError> {
        let worker = self.worker()?;
        progress::reach(self.state.stages, Stage::Module, 0, 0);
        worker.awake().await?;
        self.is_wanted(generation)?;
        progress::reach(self.state.stages, Stage::Device, 0, 0);
        let device = self.state.device_choice.get_untracked();
        let body = RequestBody::Start { device };
        match self.ask(body, &[], generation).await?.body {
            ReplyBody::Ready(report) => {
                self.state.device.set(Some(report.clone()));
                *self.device.borrow_mut() = Some(report);
                Ok(())
            }
            _ => Err(WorkerError::Confused),
        }
    }

    async fn load(&self, model: &Model, generation: u32) -> Result<(), WorkerError> {
        progress::reach(self.state.stages, Stage::Fetch, 0, 0);
        let own = self.own_model.borrow().clone();
        let (source, buffers) = match (&model.entry, own) {
            (Some(entry), _) => (ModelSource::Shipped(entry.clone()), Vec::new()),
            (None, Some(own)) => {
                let bytes = dom::read_slice(&own.weights, 0, own.weights.size() as u64)
                    .await
                    .map_err(|error| WorkerError::Crashed(dom::message(&error)))?;
                let name = model.name.clone();
                let source = ModelSource::Files {
                    name,
                    config: own.config,
                };
                (source, vec![buffer(&bytes)])
            }
            (None, None) => return Err(WorkerError::Confused),
        };
        let body = RequestBody::Load { model: source };
        match self.ask(body, &buffers, generation).await?.body {
            ReplyBody::Loaded(report) => {
                *self.loaded.borrow_mut() = Some((model.id.clone(), report));
                Ok(())
            }
            _ => Err(WorkerError::Confused),
        }
    }

    async fn encode(&self, generation: u32) -> Result<(), WorkerError> {
        let footage = self
            .state
            .footage
            .get_untracked()
            .ok_or(WorkerError::Confused)?;
        let clip = shape(&footage.clip);
        progress::reach(self.state.stages, Stage::Encode, 0, clip.frames as u64);
        let buffers = [buffer(footage.clip.data())];
        let answer = self
            .ask(RequestBody::Encode { clip }, &buffers, generation)
            .await?;
        let (ReplyBody::Encoded(report), [values]) = (answer.body, &answer.buffers[..]) else {
            return Err(WorkerError::Confused);
        };
        let (id, model) = self.loaded.borrow().clone().ok_or(WorkerError::Confused)?;
        let device = self.device.borrow().clone().ok_or(WorkerError::Confused)?;
        let values = Uint8Array::new(values).to_vec().into();
        let encoded = Arc::new(Encoded {
            model,
            device,
            report,
            values,
        });
        self.state.encoded.update(|all| {
            all.insert(id, encoded);
        });
        Ok(())
    }

    async fn decode(&self, mask: MaskChoice, generation: u32) -> Result<(), WorkerError> {
        let footage = self
            .state
            .footage
            .get_untracked()
            .ok_or(WorkerError::Confused)?;
        let encoded = untrack(|| self.state.current()).ok_or(WorkerError::Confused)?;
        let clip = shape(&footage.clip);
        progress::reach(self.state.stages, Stage::Decode, 0, clip.frames as u64);
        let body = RequestBody::Decode {
            latent: encoded.report.shape,
            clip,
            mask: mask.clone(),
        };
        let buffers = [buffer(&encoded.values), buffer(footage.clip.data())];
        let answer = self.ask(body, &buffers, generation).await?;
        let (ReplyBody::Decoded(report), [frames]) = (answer.body, &answer.buffers[..]) else {
            return Err(WorkerError::Confused);
        };
        let frames = Clip::new(clip.width, clip.height, Uint8Array::new(frames).to_vec())
            .map_err(|_| WorkerError::Confused)?;
        let (id, _) = self.loaded.borrow().clone().ok_or(WorkerError::Confused)?;
        let reconstruction = Arc::new(Reconstruction { report, frames });
        self.state.reconstructions.update(|all| {
            all.insert((id, mask), reconstruction);
        });
        Ok(())
    }

    fn worker(&self) -> Result<Rc<WorkerClient>, WorkerError> {
        if let Some(worker) = self.worker.borrow().clone() {
            return Ok(worker);
        }
        let worker = Rc::new(WorkerClient::start()?);
        *self.worker.borrow_mut() = Some(Rc::clone(&worker));
        Ok(worker)
    }

    /// Asks the worker, showing what it reports.
    async fn ask(
        &self,
        body: RequestBody,
        buffers: &[ArrayBuffer],
        generation: u32,
    ) -> Result<Answer, WorkerError> {
        self.is_wanted(generation)?;
        let worker = self.worker()?;
        let stages = self.state.stages;
        self.asking.set(true);
        let answer = worker
            .ask(body, buffers, move |progress| {
                progress::reach(stages, progress.stage.into(), progress.done, progress.total);
            })
            .await;
        self.is_wanted(generation)?;
        self.asking.set(false);
        answer
    }

    /// An error if another run has taken over. Between its requests a run must find out by itself: one
    /// that asked on would answer for the other.
    fn is_wanted(&self, generation: u32) -> Result<(), WorkerError> {
        if self.generation.get() == generation {
            Ok(())
        } else {
            Err(WorkerError::Stopped)
        }
    }
}

fn shape(clip: &Clip) -> ClipShape {
    ClipShape {
        frames: clip.frames(),
        height: clip.height(),
        width: clip.width(),
    }
}

fn buffer(bytes: &[u8]) -> ArrayBuffer {
    Uint8Array::from(bytes).buffer()
}
