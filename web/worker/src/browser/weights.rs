//! Config and weights of a shipped model: from the browser's cache, or fetched with progress.

use std::fmt::Display;

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use protocol::{Failure, FailureKind, ModelEntry, Stage};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheQueryOptions, ReadableStreamDefaultReader, Response};

use super::post::scope;
use crate::codec::Host;
use crate::failure::failure;

/// Change the number to forget everything that browsers keep.
const CACHE: &str = "weights-1";
/// Relative to the worker's own address.
const FOLDER: &str = "models/";

/// The files of a model.
#[derive(Debug)]
pub(crate) struct ModelFiles {
    pub(crate) config: String,
    pub(crate) weights: Vec<u8>,
    /// Whether the weights came from the browser's cache.
    pub(crate) cached: bool,
}

/// Gets the files of a shipped model. Whatever the weights come from, their checksum is right.
pub(crate) async fn get(entry: &ModelEntry, host: &impl Host) -> Result<ModelFiles, Failure> {
    let unreachable = |problem: JsValue| network(&entry.name, &problem);
    let response = fetch(&entry.config).await.map_err(unreachable)?;
    let config = text(&response).await.map_err(unreachable)?;

    // The checksum in the address keeps versions apart, in our cache and in the browser's own.
    let address = format!("{FOLDER}{}?sha256={}", entry.weights, entry.sha256);
    let cache = open_cache().await;
    if let Some(cache) = &cache
        && let Some(weights) = cached(cache, &address, &entry.sha256).await
    {
        return Ok(ModelFiles {
            config,
            weights,
            cached: true,
        });
    }
    let response = fetch(&address[FOLDER.len()..]).await.map_err(unreachable)?;
    let weights = download(&response, entry.bytes, host)
        .await
        .map_err(unreachable)?;
    if sha256(&weights) != entry.sha256 {
        let name = &entry.name;
        return Err(bad_model(format!(
            "The weights of {name} arrived damaged (their checksum differs); load it again."
        )));
    }
    if let Some(cache) = &cache {
        keep(cache, &address, &weights).await;
    }
    Ok(ModelFiles {
        config,
        weights,
        cached: false,
    })
}

/// The model's files are damaged or do not fit each other.
pub(crate) fn bad_model(message: impl Display) -> Failure {
    failure(FailureKind::BadModel, message)
}

fn network(name: &str, problem: &JsValue) -> Failure {
    let detail = problem.as_string().or_else(|| {
        let error = problem.dyn_ref::<js_sys::Error>()?;
        Some(error.message().into())
    });
    let detail = detail.unwrap_or_else(|| "no answer".into());
    let message =
        format!("{name} could not be fetched ({detail}); check the connection and try again.");
    failure(FailureKind::Network, message)
}

/// Fetches a file of the models' folder; any status but success is an error.
async fn fetch(path: &str) -> Result<Response, JsValue> {
    let address = format!("{FOLDER}{path}");
    let response = JsFuture::from(scope().fetch_with_str(&address)).await?;
    let response: Response = response.dyn_into()?;
    if response.ok() {
        Ok(response)
    } else {
        Err(format!("status {}", response.status()).into())
    }
}

async fn text(response: &Response) -> Result<String, JsValue> {
    let text = JsFuture::from(response.text()?).await?;
    Ok(text.as_string().unwrap_or_default())
}

/// The body, told piece by piece.
async fn download(response: &Response, total: u64, host: &impl Host) -> Result<Vec<u8>, JsValue> {
    let body = response.body().ok_or("an empty answer")?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(bytes);
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        let start = bytes.len();
        bytes.resize(start + piece.length() as usize, 0);
        piece.copy_to(&mut bytes[start..]);
        host.progress(Stage::Fetch, bytes.len() as u64, total);
    }
}

/// No cache, as in private windows, is no failure: the weights are fetched each time.
async fn open_cache() -> Option<Cache> {
    let cache = JsFuture::from(scope().caches().ok()?.open(CACHE))
        .await
        .ok()?;
    cache.dyn_into().ok()
}

/// The kept copy; a damaged one is thrown away.
async fn cached(cache: &Cache, address: &str, checksum: &str) -> Option<Vec<u8>> {
    let response = JsFuture::from(cache.match_with_str(address)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let bytes = match response.array_buffer() {
        Ok(buffer) => JsFuture::from(buffer).await.ok(),
        Err(_) => None,
    };
    let bytes = bytes.and_then(|buffer| buffer.dyn_into::<ArrayBuffer>().ok());
    let bytes = bytes.map(|buffer| Uint8Array::new(&buffer).to_vec());
    let bytes = bytes.filter(|bytes| sha256(bytes) == checksum);
    if bytes.is_none() {
        // If it cannot be deleted it will be overwritten.
        let _ = JsFuture::from(cache.delete_with_str(address)).await;
    }
    bytes
}

/// Keeps a copy and drops those of other versions. A full disk is no failure either.
async fn keep(cache: &Cache, address: &str, bytes: &[u8]) {
    let any_version = CacheQueryOptions::new();
    any_version.set_ignore_search(true);
    let _ = JsFuture::from(cache.delete_with_str_and_options(address, &any_version)).await;
    let body = Uint8Array::from(bytes);
    if let Ok(response) = Response::new_with_opt_js_u8_array(Some(&body)) {
        let _ = JsFuture::from(cache.put_with_str(address, &response)).await;
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
