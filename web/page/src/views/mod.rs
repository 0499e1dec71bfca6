//! The parts of the page, one a file.

#[cfg(target_arch = "wasm32")]
pub(crate) mod alerts;
#[cfg(target_arch = "wasm32")]
mod chart;
#[cfg(target_arch = "wasm32")]
pub(crate) mod controls;
#[cfg(target_arch = "wasm32")]
pub(crate) mod drop_zone;
#[cfg(target_arch = "wasm32")]
pub(crate) mod export;
#[cfg(target_arch = "wasm32")]
mod export_video;
#[cfg(target_arch = "wasm32")]
mod heatmap;
#[cfg(target_arch = "wasm32")]
pub(crate) mod help;
#[cfg(target_arch = "wasm32")]
mod keyboard;
#[cfg(target_arch = "wasm32")]
pub(crate) mod latent_view;
#[cfg(target_arch = "wasm32")]
mod mask_grid;
#[cfg(target_arch = "wasm32")]
mod pane;
#[cfg(target_arch = "wasm32")]
pub(crate) mod paths;
mod pixels;
mod plot;
#[cfg(target_arch = "wasm32")]
pub(crate) mod quality;
mod scale;
#[cfg(target_arch = "wasm32")]
mod sheet;
#[cfg(target_arch = "wasm32")]
pub(crate) mod status;
#[cfg(target_arch = "wasm32")]
mod transport;
#[cfg(target_arch = "wasm32")]
pub(crate) mod viewer;
#[cfg(target_arch = "wasm32")]
pub(crate) mod zeroing;
