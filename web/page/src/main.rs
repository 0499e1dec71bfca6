//! The page: drop zone, players, latent views.
//!
//! It holds the clip, the latent and the reconstructions; the worker holds the model.
//! Elsewhere than in a browser the program is empty, but what needs none is tested there.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
// The component macro writes `pub` for the properties of components that are not.
#![allow(unreachable_pub)]

#[cfg(target_arch = "wasm32")]
mod address;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(any(target_arch = "wasm32", test))]
mod masks;
#[cfg(target_arch = "wasm32")]
mod models;
#[cfg(target_arch = "wasm32")]
mod player;
#[cfg(target_arch = "wasm32")]
mod progress;
#[cfg(target_arch = "wasm32")]
mod report;
#[cfg(target_arch = "wasm32")]
mod save;
#[cfg(target_arch = "wasm32")]
mod scenes;
#[cfg(target_arch = "wasm32")]
mod session;
#[cfg(target_arch = "wasm32")]
mod state;
#[cfg(any(target_arch = "wasm32", test))]
mod video;
#[cfg(any(target_arch = "wasm32", test))]
mod views;
#[cfg(target_arch = "wasm32")]
mod worker_client;

fn main() {
    #[cfg(target_arch = "wasm32")]
    {
        console_error_panic_hook::set_once();
        leptos::mount::mount_to_body(app::App);
    }
}
