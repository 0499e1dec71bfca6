//! The pictures that are there, next to each other, as they are saved.

use wasm_bindgen::JsValue;

use super::pane::Shot;
use super::pixels::beside;
use crate::dom;
use crate::player::Pane;
use crate::state::State;

/// Says that a file could not be saved.
pub(super) fn tell(state: State, error: &JsValue) {
    let reason = dom::message(error);
    state.alert(
        format!("The file could not be saved ({reason}). Try again."),
        false,
    );
}

/// What is there of these pictures; all have the same size and length.
pub(super) fn shots(state: State, panes: &[Pane]) -> Vec<Shot> {
    let shot = |pane: &Pane| Shot::of(state, *pane);
    panes.iter().filter_map(shot).collect()
}

/// A frame of every shot, next to each other: columns and RGB samples.
pub(super) fn sheet(shots: &[Shot], width: usize, frame: usize) -> (usize, Vec<u8>) {
    let pictures: Vec<&[u8]> = shots
        .iter()
        .filter_map(|shot| shot.clip().frame(frame))
        .collect();
    (width * pictures.len(), beside(&pictures, width))
}
