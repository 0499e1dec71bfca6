//! This worker, and what it says.

use js_sys::ArrayBuffer;
use protocol::{Reply, ReplyBody, wire};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

#[wasm_bindgen]
extern "C" {
    /// A line in the browser's console.
    #[wasm_bindgen(js_namespace = console)]
    pub(super) fn error(value: &JsValue);
}

/// This worker.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts a reply. If the browser refuses it there is nobody left to tell but the console.
pub(super) fn reply(id: u32, body: ReplyBody, buffers: &[ArrayBuffer]) {
    if let Err(problem) = wire::send(&scope(), &Reply { id, body }, buffers) {
        error(&problem);
    }
}
