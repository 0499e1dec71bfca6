//! Keys. Bound by what they write, not by where they are.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::player::{Arrangement, Pane, Player};
use crate::state::State;

/// What the help lists.
pub(crate) const MAP: [(&str, &str); 11] = [
    ("Space or K", "play or pause"),
    ("← →", "one frame back or on"),
    ("Shift + ← →", "eight frames back or on"),
    ("Home, End", "first or last frame"),
    ("L", "loop on or off"),
    ("[ ]", "slower, faster"),
    ("V", "side by side, split, difference"),
    ("X", "swap the two sides"),
    ("1 2 3", "hide or show a picture"),
    ("Z", "zero groups on or off"),
    ("?", "this list"),
];

const SLOWEST: f64 = 0.125;
const FASTEST: f64 = 4.0;

/// Listens for as long as the calling view lives.
pub(crate) fn listen(state: State, player: Player) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if modified || !player.keys.get_untracked() || is_taken(&event) {
            return;
        }
        if act(state, player, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Whether the focused element has a use of its own for the key.
fn is_taken(event: &KeyboardEvent) -> bool {
    let Some(element) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    let key = event.key();
    let kind = element.get_attribute("type");
    match (element.tag_name().as_str(), kind.as_deref()) {
        ("INPUT", Some("range")) => {
            key.starts_with("Arrow") || key.starts_with("Page") || key == "Home" || key == "End"
        }
        ("BUTTON" | "A" | "SUMMARY", _) | ("INPUT", Some("checkbox")) => {
            matches!(key.as_str(), " " | "Enter")
        }
        ("INPUT" | "SELECT" | "TEXTAREA", _) => true,
        _ => element.has_attribute("data-keys"),
    }
}

fn act(state: State, player: Player, event: &KeyboardEvent) -> bool {
    let stride = if event.shift_key() { 8 } else { 1 };
    match event.key().as_str() {
        " " | "k" | "K" => player.toggle(),
        "ArrowLeft" => player.step(-stride),
        "ArrowRight" => player.step(stride),
        "Home" => player.seek(0),
        "End" => player.seek(usize::MAX),
        "l" | "L" => player.looping.update(|looping| *looping = !*looping),
        "[" => player
            .speed
            .update(|speed| *speed = (*speed / 2.0).max(SLOWEST)),
        "]" => player
            .speed
            .update(|speed| *speed = (*speed * 2.0).min(FASTEST)),
        "v" | "V" => player
            .arrangement
            .update(|arrangement| *arrangement = next(*arrangement)),
        "x" | "X" => player
            .pair
            .update(|(left, right)| std::mem::swap(left, right)),
        "1" => toggle_hidden(player, Pane::Original),
        "2" => toggle_hidden(player, Pane::Reconstruction),
        "3" => toggle_hidden(player, Pane::Zeroed),
        "z" | "Z" => state.zeroing.update(|zeroing| *zeroing = !*zeroing),
        "?" => player.help.set(true),
        _ => return false,
    }
    true
}

fn next(arrangement: Arrangement) -> Arrangement {
    match arrangement {
        Arrangement::Side => Arrangement::Split,
        Arrangement::Split => Arrangement::Difference,
        Arrangement::Difference => Arrangement::Side,
    }
}

/// Hides a picture, or shows it again.
pub(crate) fn toggle_hidden(player: Player, pane: Pane) {
    player.hidden.update(
        |hidden| match hidden.iter().position(|other| *other == pane) {
            Some(place) => {
                hidden.remove(place);
            }
            None => hidden.push(pane),
        },
    );
}
