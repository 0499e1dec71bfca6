//! Original and reconstructions, next to each other or under a slider.

use leptos::prelude::*;

use super::keyboard;
use super::pane::{DifferenceView, PaneView};
use super::transport::Transport;
use crate::player::{Arrangement, Pane, Player};
use crate::state::State;

const ZOOMS: [(u32, &str); 5] = [(0, "Fit"), (1, "1 ×"), (2, "2 ×"), (4, "4 ×"), (8, "8 ×")];
const GAINS: [u32; 4] = [1, 2, 4, 10];
/// What can be compared while groups are zeroed.
const PAIRS: [((Pane, Pane), &str, &str); 3] = [
    (
        (Pane::Original, Pane::Reconstruction),
        "plain",
        "original and reconstruction",
    ),
    (
        (Pane::Original, Pane::Zeroed),
        "zeroed",
        "original and zeroed",
    ),
    (
        (Pane::Reconstruction, Pane::Zeroed),
        "both",
        "reconstruction and zeroed",
    ),
];

#[component]
pub(crate) fn Viewer() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let split = RwSignal::new(50.0);
    keyboard::listen(state, player);
    keep_pair_sensible(state, player);
    let size = move || {
        state.footage.with(|footage| {
            footage
                .as_ref()
                .map_or((1, 1), |f| (f.clip.width(), f.clip.height()))
        })
    };
    let style = move || {
        let (width, height) = size();
        let (zoom, split) = (player.zoom.get(), split.get());
        format!("--columns:{width};--rows:{height};--zoom:{zoom};--split:{split}%")
    };
    view! {
        <section class="card viewer" aria-label="Pictures">
            <Caption/>
            <Tools/>
            <div
                class=move || format!("stage {}", arrangement_class(player.arrangement.get()))
                class:zoomed=move || player.zoom.get() != 0
                class:pixelated=move || !player.smooth.get()
                style=style
            >
                <Panes/>
                <Show when=move || player.arrangement.get() == Arrangement::Split>
                    <span class="divider" aria-hidden="true"></span>
                    <input
                        type="range"
                        class="split-slider"
                        min="0"
                        max="100"
                        step="0.5"
                        aria-label="Split position"
                        data-testid="split-slider"
                        prop:value=move || split.get().to_string()
                        on:input:target=move |event| split.set(event.target().value_as_number())
                    />
                </Show>
            </div>
            <Transport/>
        </section>
    }
}

fn arrangement_class(arrangement: Arrangement) -> &'static str {
    match arrangement {
        Arrangement::Side => "side",
        Arrangement::Split => "split",
        Arrangement::Difference => "difference",
    }
}

/// When zeroing is switched on, what is worth comparing is the two reconstructions.
fn keep_pair_sensible(state: State, player: Player) {
    Effect::new(move |before: Option<bool>| {
        let zeroing = state.zeroing.get();
        if before.is_some_and(|before| before != zeroing) {
            player.pair.set(if zeroing {
                (Pane::Reconstruction, Pane::Zeroed)
            } else {
                (Pane::Original, Pane::Reconstruction)
            });
        }
        zeroing
    });
}

#[component]
fn Caption() -> impl IntoView {
    let state = expect_context::<State>();
    move || {
        state.footage.get().map(|footage| {
            let clip = &footage.clip;
            view! {
                <div class="clip-caption">
                    <h2>{footage.name.clone()}</h2>
                    <p class="hint" data-testid="clip-info">
                        {format!(
                            "{} of {} × {} · {} frames a second · {}",
                            count(clip.frames()),
                            clip.width(),
                            clip.height(),
                            (footage.rate * 100.0).round() / 100.0,
                            footage.origin,
                        )}
                    </p>
                    {footage.approximate.then(|| view! { <span class="badge">"approximate frames"</span> })}
                    {footage.note.clone().map(|note| view! { <p class="note" data-testid="clip-note">{note}</p> })}
                </div>
            }
        })
    }
}

pub(super) fn count(frames: usize) -> String {
    if frames == 1 {
        "1 frame".into()
    } else {
        format!("{frames} frames")
    }
}

#[component]
fn Panes() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let scrolled = RwSignal::new((0.0, 0.0));
    let class = move |pane: Pane| {
        Signal::derive(move || {
            if player.arrangement.get() == Arrangement::Side {
                let hidden = player.hidden.with(|hidden| hidden.contains(&pane));
                return if hidden { "gone" } else { "" };
            }
            match player.pair.get() {
                (left, _) if left == pane => "left",
                (_, right) if right == pane => "right",
                _ => "gone",
            }
        })
    };
    let reconstruction = move || match state.own_mask() {
        Some(mask) => format!("Reconstruction: {}", mask.label()),
        None => "Reconstruction".into(),
    };
    view! {
        <PaneView
            pane=Pane::Original
            testid="canvas-original"
            caption="Original".to_owned()
            class=class(Pane::Original)
            scrolled
        />
        <PaneView
            pane=Pane::Reconstruction
            testid="canvas-reconstruction"
            caption=Signal::derive(reconstruction)
            class=class(Pane::Reconstruction)
            scrolled
        />
        <Show when=move || state.zeroing.get()>
            <PaneView
                pane=Pane::Zeroed
                testid="canvas-zeroed"
                caption=Signal::derive(move || format!("Zeroed: {}", state.mask().label()))
                class=class(Pane::Zeroed)
                scrolled
            />
        </Show>
        <Show when=move || player.arrangement.get() == Arrangement::Difference>
            <DifferenceView/>
        </Show>
    }
}

#[component]
fn Tools() -> impl IntoView {
    let player = expect_context::<Player>();
    let side = move || player.arrangement.get() == Arrangement::Side;
    view! {
        <div class="tools" role="toolbar" aria-label="Arrangement">
            <div class="segments">
                <ArrangementButton value=Arrangement::Side label="Side by side"/>
                <ArrangementButton value=Arrangement::Split label="Split"/>
                <ArrangementButton value=Arrangement::Difference label="Difference"/>
            </div>
            <Show when=side fallback=|| view! { <PairTools/> }>
                <HideTools/>
            </Show>
            <label class="inline">
                "Zoom "
                <select
                    data-testid="zoom-select"
                    on:change:target=move |event| {
                        player.zoom.set(event.target().value().parse().unwrap_or(0));
                    }
                >
                    {ZOOMS
                        .map(|(zoom, label)| {
                            view! {
                                <option value=zoom.to_string() prop:selected={move || player.zoom.get() == zoom}>
                                    {label}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="inline">
                <input
                    type="checkbox"
                    prop:checked=player.smooth
                    on:change:target=move |event| player.smooth.set(event.target().checked())
                />
                "Smooth pixels"
            </label>
        </div>
    }
}

#[component]
fn ArrangementButton(value: Arrangement, label: &'static str) -> impl IntoView {
    let player = expect_context::<Player>();
    view! {
        <button
            type="button"
            data-testid=format!("view-{}", arrangement_class(value))
            aria-pressed=move || (player.arrangement.get() == value).to_string()
            on:click=move |_| player.arrangement.set(value)
        >
            {label}
        </button>
    }
}

/// Which two pictures are compared.
#[component]
fn PairTools() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let difference = move || player.arrangement.get() == Arrangement::Difference;
    view! {
        <Show when=move || state.zeroing.get()>
            <label class="inline">
                "Compare "
                <select
                    data-testid="pair-select"
                    on:change:target=move |event| {
                        let value = event.target().value();
                        if let Some((pair, ..)) = PAIRS.iter().find(|(_, name, _)| *name == value) {
                            player.pair.set(*pair);
                        }
                    }
                >
                    {PAIRS
                        .map(|(pair, value, label)| {
                            let chosen = move || {
                                let (left, right) = player.pair.get();
                                pair == (left, right) || pair == (right, left)
                            };
                            view! { <option value=value prop:selected=chosen>{label}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
        </Show>
        <button
            type="button"
            on:click=move |_| player.pair.update(|(left, right)| std::mem::swap(left, right))
        >
            "Swap"
        </button>
        <Show when=difference>
            <label class="inline">
                "Amplify "
                <select on:change:target=move |event| {
                    player.gain.set(event.target().value().parse().unwrap_or(1));
                }>
                    {GAINS
                        .map(|gain| {
                            view! {
                                <option value=gain.to_string() prop:selected={move || player.gain.get() == gain}>
                                    {format!("{gain} ×")}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
        </Show>
    }
}

#[component]
fn HideTools() -> impl IntoView {
    let state = expect_context::<State>();
    view! {
        <fieldset class="inline">
            <legend class="visually-hidden">"Pictures shown"</legend>
            <HideBox pane=Pane::Original label="Original"/>
            <HideBox pane=Pane::Reconstruction label="Reconstruction"/>
            <Show when=move || state.zeroing.get()>
                <HideBox pane=Pane::Zeroed label="Zeroed"/>
            </Show>
        </fieldset>
    }
}

#[component]
fn HideBox(pane: Pane, label: &'static str) -> impl IntoView {
    let player = expect_context::<Player>();
    view! {
        <label class="inline">
            <input
                type="checkbox"
                prop:checked=move || player.hidden.with(|hidden| !hidden.contains(&pane))
                on:change=move |_| keyboard::toggle_hidden(player, pane)
            />
            {label}
        </label>
    }
}
