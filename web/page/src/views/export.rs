//! What can be taken home.

use leptos::prelude::*;
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::pane::{Shot, paint};
use crate::player::{Pane, Player};
use crate::state::State;
use crate::{dom, report};

#[component]
pub(crate) fn Export() -> impl IntoView {
    let state = expect_context::<State>();
    let player = expect_context::<Player>();
    let tell = move |error: JsValue| {
        state.alert(
            format!(
                "The file could not be saved ({}). Try again.",
                dom::message(&error)
            ),
            false,
        );
    };
    let picture = move |_| {
        if let Err(error) = untrack(|| save_frame(state, player)) {
            tell(error);
        }
    };
    let numbers = move |_| {
        if let Some(text) = report::json(state)
            && let Err(error) = save_text(&text, "report.json")
        {
            tell(error);
        }
    };
    view! {
        <section class="card export" aria-labelledby="export-title">
            <h2 id="export-title">"Take it with you"</h2>
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
            <p class="hint">
                "The PNG holds the pictures next to each other, at the model's size, without loss."
            </p>
        </section>
    }
}

/// Saves the current frame of every picture that is there, next to each other.
fn save_frame(state: State, player: Player) -> Result<(), JsValue> {
    let panes = [Pane::Original, Pane::Reconstruction, Pane::Zeroed];
    let shots: Vec<Shot> = panes
        .into_iter()
        .filter_map(|pane| Shot::of(state, pane))
        .collect();
    let Some(clip) = shots.first().map(Shot::clip) else {
        return Ok(());
    };
    let (width, height) = (clip.width(), clip.height());
    let sheet = dom::new_canvas((width * shots.len()) as u32, height as u32)?;
    let single = dom::new_canvas(width as u32, height as u32)?;
    let frame = player.frame.get_untracked();
    for (place, shot) in shots.iter().enumerate() {
        if let Some(rgb) = shot.clip().frame(frame) {
            paint(&single, width, height, rgb);
            let x = (place * width) as f64;
            dom::context(&sheet)?.draw_image_with_html_canvas_element(&single, x, 0.0)?;
        }
    }
    save_canvas(&sheet, format!("frame-{}.png", frame + 1))
}

fn save_canvas(canvas: &HtmlCanvasElement, name: String) -> Result<(), JsValue> {
    let save = Closure::once_into_js(move |blob: Option<Blob>| {
        blob.map_or(Ok(()), |blob| save_blob(&blob, &name))
    });
    canvas.to_blob(save.unchecked_ref())
}

fn save_text(text: &str, name: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&text.into());
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    save_blob(
        &Blob::new_with_str_sequence_and_options(&parts, &options)?,
        name,
    )
}

fn save_blob(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = web_sys::window()
        .and_then(|window| window.document())
        .ok_or_else(|| JsValue::from_str("no document"))?
        .create_element("a")?
        .dyn_into()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The browser reads the address after this; it is given time before the blob is let go.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(60),
    );
    Ok(())
}
