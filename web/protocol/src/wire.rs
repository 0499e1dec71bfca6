//! How messages cross: `{ head, buffers }`, the head through serde, the buffers transferred.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker};

/// Something that can post to the other side.
pub trait Port {
    /// Posts a value, handing over the listed buffers.
    ///
    /// # Errors
    /// If the browser refuses, for example because a buffer was handed over before.
    fn post_raw(&self, value: &JsValue, transfer: &Array) -> Result<(), JsValue>;
}

impl Port for Worker {
    fn post_raw(&self, value: &JsValue, transfer: &Array) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

impl Port for DedicatedWorkerGlobalScope {
    fn post_raw(&self, value: &JsValue, transfer: &Array) -> Result<(), JsValue> {
        self.post_message_with_transfer(value, transfer)
    }
}

/// Sends a message; the buffers are moved, not copied.
///
/// # Errors
/// If the message cannot be written or the browser refuses to post it.
pub fn send<T: Serialize>(
    port: &impl Port,
    head: &T,
    buffers: &[ArrayBuffer],
) -> Result<(), JsValue> {
    let list: Array = buffers.iter().collect();
    let message = Object::new();
    let head = serde_wasm_bindgen::to_value(head).map_err(JsValue::from)?;
    Reflect::set(&message, &"head".into(), &head)?;
    Reflect::set(&message, &"buffers".into(), &list)?;
    port.post_raw(&message, &list)
}

/// Reads a message.
///
/// # Errors
/// If it is not one of ours.
pub fn receive<T: DeserializeOwned>(
    event: &MessageEvent,
) -> Result<(T, Vec<ArrayBuffer>), JsValue> {
    let data = event.data();
    let head = Reflect::get(&data, &"head".into())?;
    let head = serde_wasm_bindgen::from_value(head).map_err(JsValue::from)?;
    let list: Array = Reflect::get(&data, &"buffers".into())?.dyn_into()?;
    let buffers = list
        .iter()
        .map(JsCast::dyn_into)
        .collect::<Result<_, _>>()?;
    Ok((head, buffers))
}

/// The id of a request's message, also of one that [`receive`] cannot read; 0 if it has none.
pub fn request_id(event: &MessageEvent) -> u32 {
    let member = |value: JsValue, key: &str| Reflect::get(&value, &key.into());
    let id = member(event.data(), "head").and_then(|head| member(head, "id"));
    id.ok().and_then(|id| id.as_f64()).unwrap_or_default() as u32
}
