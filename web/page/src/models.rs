//! The list of published models.

use protocol::ModelEntry;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::dom;

const LIST: &str = "./models/index.json";

/// Why there is no list of models.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    #[error(
        "The list of models could not be loaded ({0}). Reload the page, or drop a config and its weights."
    )]
    Unreachable(String),
    #[error("The list of models is not readable ({0}). Drop a config and its weights instead.")]
    Malformed(#[from] serde_json::Error),
}

/// Fetches the list of published models.
pub(crate) async fn list() -> Result<Vec<ModelEntry>, ListError> {
    let text = fetch(LIST).await.map_err(ListError::Unreachable)?;
    Ok(serde_json::from_str(&text)?)
}

async fn fetch(address: &str) -> Result<String, String> {
    let window = web_sys::window().ok_or("no window")?;
    let readable = |error| dom::message(&error);
    let response = JsFuture::from(window.fetch_with_str(address))
        .await
        .map_err(readable)?
        .unchecked_into::<Response>();
    if !response.ok() {
        return Err(format!("answer {}", response.status()));
    }
    let text = JsFuture::from(response.text().map_err(readable)?)
        .await
        .map_err(readable)?;
    text.as_string().ok_or_else(|| "not text".into())
}
