//! What is chosen before a run: model, size, length, device.

use leptos::prelude::*;
use protocol::DeviceChoice;

use crate::session::Handle;
use crate::state::{Model, Phase, Settings, State};

const SIZES: [usize; 5] = [64, 96, 128, 192, 256];
const LENGTHS: [usize; 5] = [16, 32, 64, 96, 128];

/// The usual choices, and the one that an address may have brought.
fn with(choices: &[usize], value: usize) -> Vec<usize> {
    let mut choices = choices.to_vec();
    if !choices.contains(&value) {
        choices.push(value);
        choices.sort_unstable();
    }
    choices
}

#[component]
pub(crate) fn Controls() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let busy = move || state.phase.get() == Phase::Busy;
    let ready = move || state.footage.with(Option::is_some) && !busy();
    view! {
        <section class="card controls" aria-label="Model and settings">
            <ModelSelect/>
            <NumberSelect
                label="Size"
                testid="size-select"
                choices=&SIZES
                unit=" px"
                get=|settings| settings.fit.size
                set=|settings, size| settings.fit.size = size
            />
            <ShapeSelect/>
            <NumberSelect
                label="Frames"
                testid="frames-select"
                choices=&LENGTHS
                unit=""
                get=|settings| settings.part.frames
                set=|settings, frames| settings.part.frames = frames
            />
            <StartInput/>
            <DeviceSelect/>
            <div class="run-buttons">
                <button
                    type="button"
                    class="primary"
                    data-testid="run"
                    prop:disabled=move || !ready()
                    on:click=move |_| session.get_value().go()
                >
                    "Run"
                </button>
                <button
                    type="button"
                    data-testid="cancel"
                    prop:disabled=move || !busy()
                    on:click=move |_| session.get_value().cancel()
                >
                    "Cancel"
                </button>
            </div>
        </section>
    }
}

#[component]
fn ModelSelect() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    view! {
        <label class="field wide">
            <span>"Model"</span>
            <select
                data-testid="model-select"
                on:change:target=move |event| session.get_value().choose_model(event.target().value())
            >
                <For each=move || state.models.with(|models| families(models)) key=|family| titles(family) let:models>
                    <Family models/>
                </For>
            </select>
            <small>{move || state.model().map(|model| model.summary)}</small>
        </label>
    }
}

#[component]
fn Family(models: Vec<Model>) -> impl IntoView {
    let label = models.first().map(|model| model.family.clone());
    let options = models
        .into_iter()
        .map(|model| view! { <ModelOption model/> });
    view! { <optgroup label=label>{options.collect_view()}</optgroup> }
}

#[component]
fn ModelOption(model: Model) -> impl IntoView {
    let state = expect_context::<State>();
    let Model { id, name, .. } = model;
    let value = id.clone();
    view! {
        <option value=value prop:selected=move || state.model_id.get() == id>
            {name}
        </option>
    }
}

/// By which a change of what is listed is seen.
fn titles(models: &[Model]) -> Vec<(String, String)> {
    models
        .iter()
        .map(|model| (model.id.clone(), model.name.clone()))
        .collect()
}

/// Models of one family that follow one another, together.
fn families(models: &[Model]) -> Vec<Vec<Model>> {
    let together = models.chunk_by(|a, b| a.family == b.family);
    together.map(<[Model]>::to_vec).collect()
}

#[component]
fn NumberSelect(
    label: &'static str,
    testid: &'static str,
    choices: &'static [usize],
    unit: &'static str,
    get: fn(&Settings) -> usize,
    set: fn(&mut Settings, usize),
) -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let chosen = Memo::new(move |_| state.settings.with(get));
    let change = move |value: String| {
        if let Ok(value) = value.parse() {
            state.settings.update(|settings| set(settings, value));
            session.get_value().reread();
        }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <select data-testid=testid on:change:target=move |event| change(event.target().value())>
                {move || {
                    let value = chosen.get();
                    with(choices, value)
                        .into_iter()
                        .map(|choice| {
                            view! {
                                <option value=choice.to_string() prop:selected={choice == value}>
                                    {format!("{choice}{unit}")}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}

#[component]
fn ShapeSelect() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let square = Memo::new(move |_| state.settings.with(|settings| settings.fit.square));
    view! {
        <label class="field">
            <span>"Shape"</span>
            <select
                data-testid="shape-select"
                on:change:target=move |event| {
                    let square = event.target().value() == "square";
                    state.settings.update(|settings| settings.fit.square = square);
                    session.get_value().reread();
                }
            >
                <option value="square" prop:selected=square>"Square"</option>
                <option value="original" prop:selected=move || !square.get()>"Original"</option>
            </select>
        </label>
    }
}

#[component]
fn StartInput() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    view! {
        <label class="field">
            <span>"Start at (s)"</span>
            <input
                type="number"
                min="0"
                step="0.1"
                inputmode="decimal"
                data-testid="start-input"
                prop:value=move || state.settings.with(|settings| settings.part.start.to_string())
                on:change:target=move |event| {
                    let start = event.target().value_as_number();
                    let start = if start.is_finite() { start.max(0.0) } else { 0.0 };
                    state.settings.update(|settings| settings.part.start = start);
                    session.get_value().reread();
                }
            />
        </label>
    }
}

#[component]
fn DeviceSelect() -> impl IntoView {
    let state = expect_context::<State>();
    let session = expect_context::<Handle>();
    let is = move |device| move || state.device_choice.get() == device;
    view! {
        <label class="field">
            <span>"Device"</span>
            <select
                data-testid="device-select"
                on:change:target=move |event| {
                    let device = match event.target().value().as_str() {
                        "cpu" => DeviceChoice::Cpu,
                        "gpu" => DeviceChoice::Gpu,
                        _ => DeviceChoice::Auto,
                    };
                    session.get_value().choose_device(device);
                }
            >
                <option value="auto" prop:selected=is(DeviceChoice::Auto)>"Automatic"</option>
                <option value="gpu" prop:selected=is(DeviceChoice::Gpu)>"GPU"</option>
                <option value="cpu" prop:selected=is(DeviceChoice::Cpu)>"CPU"</option>
            </select>
        </label>
    }
}
