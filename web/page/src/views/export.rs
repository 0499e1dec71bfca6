//! What can be taken home.

use leptos::prelude::*;
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use web_sys::Blob;

use super::export_video::{Job, VideoButtons, VideoProgress};
use super::pane::{Shot, paint};
use super::sheet::{sheet, shots, tell};
use crate::player::{Pane, Player};
use crate::state::State;
use crate::{dom, report, save};

#[component]
pub(crate) fn Export() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let job = Job::new();
    let picture = move |_| {
        if let Err(error) = untrack(|| save_frame(state, player)) {
            tell(state, &error);
        }
    };
    let numbers = move |_| {
        if let Some(text) = report::json(state)
            && let Err(error) = save::bytes(text.as_bytes(), "application/json", "report.json")
        {
            tell(state, &error);
        }
    };
    view! {
        <section class="card export" aria-labelledby="export-title">
            <h2 id="export-title">"Take it with you"</h2>
            <VideoButtons job/>
            <button type="button" data-testid="export-png" on:click=picture>
                "This frame as PNG"
            </button>
            <button
                type="button"
                data-testid="export-json"
                prop:disabled=move || state.current().is_none()
                on:click=numbers
            >
                "All numbers as JSON"
            </button>
            <VideoProgress job/>
            <p class="hint">
                "The videos are WebM files without sound: a lossy encoding of the frames shown here. "
                "PSNR and SSIM are of the raw frames, not of the video. "
                "The PNG holds the pictures next to each other, at the model's size, without loss."
            </p>
        </section>
    }
}

/// Saves the current frame of every picture that is there, next to each other.
fn save_frame(state: State, player: Player) -> Result<(), JsValue> {
    let shots = shots(state, &Pane::ALL);
    let Some(clip) = shots.first().map(Shot::clip) else {
        return Ok(());
    };
    let frame = player.frame.get_untracked();
    let (width, rgb) = sheet(&shots, clip.width(), frame);
    let canvas = dom::new_canvas(1, 1)?;
    paint(&canvas, width, clip.height(), &rgb);
    let name = format!("frame-{}.png", frame + 1);
    let save = Closure::once_into_js(move |blob: Option<Blob>| {
        let nothing = || JsValue::from_str("the picture could not be encoded");
        let saved = blob.ok_or_else(nothing);
        if let Err(error) = saved.and_then(|blob| save::blob(&blob, &name)) {
            tell(state, &error);
        }
    });
    canvas.to_blob(save.unchecked_ref())
}
