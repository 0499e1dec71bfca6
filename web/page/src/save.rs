//! Saving files, as downloads.

use js_sys::Uint8Array;
use leptos::prelude::set_timeout;
use wasm_bindgen::prelude::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Saves bytes as a file of a media type.
pub(crate) fn bytes(bytes: &[u8], mime: &str, name: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    blob(
        &Blob::new_with_u8_array_sequence_and_options(&parts, &options)?,
        name,
    )
}

/// Saves what a blob holds as a file.
pub(crate) fn blob(blob: &Blob, name: &str) -> Result<(), JsValue> {
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
