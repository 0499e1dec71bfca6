//! One transport for all pictures.

use leptos::prelude::*;

use crate::player::Player;
use crate::state::State;

const SPEEDS: [f64; 6] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0];

#[component]
pub(crate) fn Transport() -> impl IntoView {
    let player = expect_context::<Player>();
    let state = expect_context::<State>();
    let last = move || player.frames.get().saturating_sub(1);
    view! {
        <div class="transport">
            <button
                type="button"
                class="icon"
                aria-label="Previous frame"
                data-testid="previous-frame"
                on:click=move |_| player.step(-1)
            >
                "‹"
            </button>
            <button
                type="button"
                class="icon play"
                data-testid="play"
                aria-label=move || if player.playing.get() { "Pause" } else { "Play" }
                on:click=move |_| player.toggle()
            >
                <span class=move || if player.playing.get() { "pause-shape" } else { "play-shape" }></span>
            </button>
            <button
                type="button"
                class="icon"
                aria-label="Next frame"
                data-testid="next-frame"
                on:click=move |_| player.step(1)
            >
                "›"
            </button>
            <input
                type="range"
                class="frame-slider"
                min="0"
                max=move || last().to_string()
                step="1"
                list="cuts"
                aria-label="Frame"
                data-testid="frame-slider"
                prop:value=move || player.frame.get().to_string()
                on:input:target=move |event| player.seek(event.target().value_as_number() as usize)
            />
            <datalist id="cuts">
                {move || {
                    let shots = state.current().map(|encoded| encoded.report.shots.clone());
                    let cuts = shots.unwrap_or_default().into_iter().skip(1);
                    cuts.map(|start| view! { <option value=start.to_string()></option> }).collect_view()
                }}
            </datalist>
            <output class="frame-number" data-testid="frame-number">
                {move || format!("{} / {}", player.frame.get() + 1, player.frames.get())}
            </output>
            <label class="inline">
                <input
                    type="checkbox"
                    prop:checked=player.looping
                    on:change:target=move |event| player.looping.set(event.target().checked())
                />
                "Loop"
            </label>
            <label class="inline">
                <span class="visually-hidden">"Speed"</span>
                <select on:change:target=move |event| {
                    player.speed.set(event.target().value().parse().unwrap_or(1.0));
                }>
                    {SPEEDS
                        .map(|speed| {
                            view! {
                                <option
                                    value=speed.to_string()
                                    prop:selected={move || player.speed.get().to_bits() == speed.to_bits()}
                                >
                                    {format!("{speed} ×")}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
        </div>
    }
}
