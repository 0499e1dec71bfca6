//! What is shared by sharing the page's address.

use leptos::prelude::*;
use protocol::DeviceChoice;
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use crate::masks::{mask_from, mask_name};
use crate::scenes;
use crate::state::{Settings, State};

/// Sizes beyond these are not read from an address.
const SIZES: std::ops::RangeInclusive<usize> = 16..=512;
const MOST_FRAMES: usize = 256;

/// Reads the address into the state; gives the scene to start with.
pub(crate) fn read(state: State) -> Option<clips::Scene> {
    let search = web_sys::window()?.location().search().ok()?;
    let query = UrlSearchParams::new_with_str(&search).ok()?;
    let number = |name: &str| query.get(name)?.parse::<usize>().ok();
    state.settings.update(|settings| {
        if let Some(size) = number("size").filter(|size| SIZES.contains(size)) {
            settings.fit.size = size / 16 * 16;
        }
        if let Some(frames) = number("frames") {
            settings.part.frames = frames.clamp(1, MOST_FRAMES);
        }
        let start = query
            .get("start")
            .and_then(|start| start.parse::<f64>().ok());
        if let Some(start) = start.filter(|start| start.is_finite() && *start >= 0.0) {
            settings.part.start = start;
        }
        settings.fit.square = query.get("shape").as_deref() != Some("original");
    });
    state
        .device_choice
        .set(match query.get("device").as_deref() {
            Some("cpu") => DeviceChoice::Cpu,
            Some("gpu") => DeviceChoice::Gpu,
            _ => DeviceChoice::Auto,
        });
    if let Some(model) = query.get("model") {
        state.model_id.set(model);
    }
    if let Some(mask) = query.get("zero") {
        state.zeroing.set(true);
        state.chosen_mask.set(mask_from(&mask));
    }
    scenes::by_slug(&query.get("scene")?)
}

/// Keeps the address up to date.
pub(crate) fn follow(state: State) {
    Effect::new(move |_| {
        let text = String::from(query(state).to_string());
        let address = if text.is_empty() {
            "?".into()
        } else {
            format!("?{text}")
        };
        let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else {
            return;
        };
        // A page opened from a file has no address that may change.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    });
}

fn query(state: State) -> UrlSearchParams {
    // The constructor without arguments does not fail.
    let query = UrlSearchParams::new().unwrap_or_else(|error| error.into());
    let (settings, usual) = (state.settings.get(), Settings::default());
    match state.device_choice.get() {
        DeviceChoice::Auto => {}
        DeviceChoice::Cpu => query.set("device", "cpu"),
        DeviceChoice::Gpu => query.set("device", "gpu"),
    }
    let model = state.model_id.get();
    if state
        .models
        .with(|models| models.first().is_some_and(|first| first.id != model))
    {
        query.set("model", &model);
    }
    if let Some(scene) = state.scene.get() {
        query.set("scene", &scenes::slug(scene));
    }
    if settings.fit.size != usual.fit.size {
        query.set("size", &settings.fit.size.to_string());
    }
    if !settings.fit.square {
        query.set("shape", "original");
    }
    if settings.part.frames != usual.part.frames {
        query.set("frames", &settings.part.frames.to_string());
    }
    if settings.part.start > 0.0 {
        query.set("start", &settings.part.start.to_string());
    }
    if state.zeroing.get() {
        // What nobody chose depends on the model, and is found again without being named.
        let chosen = state.chosen_mask.get();
        query.set(
            "zero",
            &chosen.map_or("yes".into(), |mask| mask_name(&mask)),
        );
    }
    query
}
