//! What is going on: stages, progress, device.

use leptos::prelude::*;

use crate::dom;
use crate::progress::StageRow;
use crate::state::{Phase, State};

/// How often elapsed times are refreshed, in milliseconds.
const REFRESH: u64 = 200;

#[component]
pub(crate) fn Status() -> impl IntoView {
    let state = expect_context::<State>();
    let shown = move || state.phase.get() != Phase::Idle;
    view! {
        <section class="status" class:empty=move || !shown() aria-label="Progress">
            <p
                class="status-line"
                role="status"
                aria-live="polite"
                data-testid="status"
                data-state=move || format!("{:?}", state.phase.get()).to_lowercase()
            >
                <span class="dot" aria-hidden="true"></span>
                {move || sentence(state)}
            </p>
            <Stages/>
            <Device/>
        </section>
    }
}

fn sentence(state: State) -> String {
    let stage = Memo::new(move |_| state.stages.with(|rows| rows.last().map(|row| row.stage)));
    match (state.phase.get(), stage.get()) {
        (Phase::Idle, _) => "Ready for a clip.".into(),
        (Phase::Busy, Some(stage)) => format!("{} …", stage.label()),
        (Phase::Busy, None) => "Starting …".into(),
        (Phase::Done, _) if state.model().is_none() => {
            "The clip is here; there is no model to run it through.".into()
        }
        (Phase::Done, _) => "Done.".into(),
        (Phase::Cancelled, _) => {
            "Cancelled. What was finished is kept; press Run for the rest.".into()
        }
        (Phase::Failed, _) => "That did not work; see the message above.".into(),
    }
}

#[component]
fn Stages() -> impl IntoView {
    let state = expect_context::<State>();
    let now = RwSignal::new(dom::now());
    Effect::new(move |timer: Option<Option<IntervalHandle>>| {
        if let Some(Some(timer)) = timer {
            timer.clear();
        }
        let busy = state.phase.get() == Phase::Busy;
        let tick = move || now.set(dom::now());
        busy.then(|| set_interval_with_handle(tick, std::time::Duration::from_millis(REFRESH)).ok())
            .flatten()
    });
    let count = Memo::new(move |_| state.stages.with(Vec::len));
    view! {
        <ol class="stages">
            <For each=move || 0..count.get() key=|index| *index let:index>
                {move || {
                    state
                        .stages
                        .with(|rows| rows.get(index).cloned())
                        .map(|row| stage_row(&row, now))
                }}
            </For>
        </ol>
    }
}

fn stage_row(row: &StageRow, now: RwSignal<f64>) -> impl IntoView + use<> {
    let running = row.took.is_none();
    let (started, took) = (row.started, row.took);
    let seconds = move || {
        let elapsed = took.unwrap_or_else(|| now.get() - started).max(0.0);
        if elapsed < 1000.0 && took.is_some() {
            format!("{elapsed:.0} ms")
        } else {
            format!("{:.1} s", elapsed / 1000.0)
        }
    };
    let share = (row.total > 0).then(|| (row.done as f64 / row.total as f64).to_string());
    view! {
        <li class:running=running>
            <span class="stage-name">{row.stage.label()}</span>
            <span class="stage-amount">{row.amount()}</span>
            <span class="stage-time">{seconds}</span>
            {running.then(|| view! { <progress value=share aria-label=row.stage.label()></progress> })}
        </li>
    }
}

#[component]
fn Device() -> impl IntoView {
    let state = expect_context::<State>();
    move || {
        state.device.get().map(|device| {
            let kind = if device.gpu { "GPU" } else { "CPU" };
            view! {
                <p class="device" data-testid="device" data-kind=kind.to_lowercase()>
                    <strong>{kind}</strong>
                    {format!(" · {} · {} · {}", device.name, device.precision, device.reason)}
                </p>
            }
        })
    }
}
