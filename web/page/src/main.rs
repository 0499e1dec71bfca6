//! The page: drop zone, players, latent views.
//!
//! It holds the clip, the latent and the reconstructions; the worker holds the model.

mod address;
mod app;
mod dom;
mod files;
mod models;
mod player;
mod progress;
mod report;
mod scenes;
mod session;
mod state;
mod video;
mod views;
mod worker_client;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
