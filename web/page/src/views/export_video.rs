//! The result as a video.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::JsValue;

use super::pane::Shot;
use super::sheet::{sheet, shots, tell};
use super::viewer::count;
use crate::player::Pane;
use crate::save;
use crate::state::State;
use crate::video::{EncodeError, Film, Made, Watch, encode};

/// What the video shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Reconstruction,
    SideBySide,
}

impl Subject {
    const fn file(self) -> &'static str {
        match self {
            Self::Reconstruction => "reconstruction.webm",
            Self::SideBySide => "side-by-side.webm",
        }
    }

    fn shots(self, state: State) -> Vec<Shot> {
        match self {
            Self::Reconstruction => shots(state, &[Pane::Reconstruction]),
            Self::SideBySide => shots(state, &Pane::ALL),
        }
    }
}

/// How the last export stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Idle,
    Encoding,
    Saved,
    Cancelled,
    Failed,
}

/// An export, as it is shown.
#[derive(Clone, Copy)]
pub(super) struct Job {
    standing: RwSignal<Standing>,
    sentence: RwSignal<String>,
    /// Frames done, and all.
    progress: RwSignal<(usize, usize)>,
    stopped: RwSignal<bool>,
}

impl Job {
    pub(super) fn new() -> Self {
        Self {
            standing: RwSignal::default(),
            sentence: RwSignal::default(),
            progress: RwSignal::default(),
            stopped: RwSignal::default(),
        }
    }

    fn is_busy(self) -> bool {
        self.standing.get() == Standing::Encoding
    }

    fn start(self, state: State, subject: Subject) {
        self.stopped.set(false);
        self.progress.set((0, 0));
        self.reach(Standing::Encoding, format!("Encoding {} …", subject.file()));
        spawn_local(async move {
            match self.run(state, subject).await {
                Ok(sentence) => self.reach(Standing::Saved, sentence),
                Err(ExportError::Encode(EncodeError::Cancelled)) => {
                    self.reach(Standing::Cancelled, "Cancelled; nothing was saved.".into());
                }
                Err(error) => {
                    match error {
                        ExportError::Encode(error) => state.alert(error.to_string(), false),
                        ExportError::Save(error) => tell(state, &error),
                    }
                    let sentence = "No video was saved; see the message above.";
                    self.reach(Standing::Failed, sentence.into());
                }
            }
        });
    }

    fn reach(self, standing: Standing, sentence: String) {
        self.standing.set(standing);
        self.sentence.set(sentence);
    }

    /// Encodes and saves; gives what there is to say of the file.
    async fn run(self, state: State, subject: Subject) -> Result<String, ExportError> {
        let shots = untrack(|| subject.shots(state));
        let (Some(footage), Some(first)) = (state.footage.get_untracked(), shots.first()) else {
            return Err(EncodeError::Cancelled.into());
        };
        let clip = first.clip();
        let frames = footage.times.len().min(clip.frames());
        let film = Film {
            size: (clip.width() * shots.len(), clip.height()),
            times: &footage.times[..frames],
            rate: footage.rate,
            frame: &|index| sheet(&shots, clip.width(), index).1,
        };
        let watch = Watch {
            progress: &|done, total| self.progress.set((done, total)),
            cancelled: &|| self.stopped.get_untracked(),
        };
        let made = encode(&film, &watch).await?;
        save::bytes(&made.file, "video/webm", subject.file()).map_err(ExportError::Save)?;
        Ok(describe(subject, &film, &made))
    }
}

/// Why there is no video.
enum ExportError {
    Encode(EncodeError),
    Save(JsValue),
}

impl From<EncodeError> for ExportError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

fn describe(subject: Subject, film: &Film<'_>, made: &Made) -> String {
    let (width, height) = film.size;
    format!(
        "Saved {}: {} of {width} × {height}, {:.2} s, {}, {:.2} MB.",
        subject.file(),
        count(film.times.len()),
        made.seconds,
        made.codec,
        made.file.len() as f64 / 1e6,
    )
}

/// The buttons that start an export.
#[component]
pub(super) fn VideoButtons(job: Job) -> impl IntoView {
    let state = expect_context::<State>();
    let ready = move || state.plain().is_some() && !job.is_busy();
    view! {
        <button
            type="button"
            data-testid="export-video"
            prop:disabled=move || !ready()
            on:click=move |_| job.start(state, Subject::Reconstruction)
        >
            "Reconstruction as video"
        </button>
        <button
            type="button"
            data-testid="export-side-by-side"
            prop:disabled=move || !ready()
            on:click=move |_| job.start(state, Subject::SideBySide)
        >
            "Side by side as video"
        </button>
    }
}

/// How the export goes, and a way out of it.
#[component]
pub(super) fn VideoProgress(job: Job) -> impl IntoView {
    let busy = Memo::new(move |_| job.is_busy());
    view! {
        <div class="export-progress">
            // Its beginning and its end are read out; every frame in between would be a litany.
            <p
                role="status"
                aria-live="polite"
                data-testid="export-status"
                data-state=move || format!("{:?}", job.standing.get()).to_lowercase()
            >
                {job.sentence}
            </p>
            <Show when=move || busy.get()>
                <FramesDone job/>
            </Show>
        </div>
    }
}

#[component]
fn FramesDone(job: Job) -> impl IntoView {
    let share = move || {
        let (done, total) = job.progress.get();
        (done as f64 / total.max(1) as f64).to_string()
    };
    let words = move || {
        let (done, total) = job.progress.get();
        format!("frame {} of {total}", (done + 1).min(total))
    };
    view! {
        <progress value=share aria-label="Frames encoded"></progress>
        <span class="hint" data-testid="export-progress">{words}</span>
        <button type="button" data-testid="export-cancel" on:click=move |_| job.stopped.set(true)>
            "Cancel"
        </button>
    }
}
