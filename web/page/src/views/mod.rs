//! The parts of the page, one a file.

pub(crate) mod alerts;
mod chart;
pub(crate) mod controls;
pub(crate) mod drop_zone;
pub(crate) mod export;
mod heatmap;
pub(crate) mod help;
mod keyboard;
pub(crate) mod latent_view;
mod mask_grid;
mod pane;
pub(crate) mod paths;
pub(crate) mod quality;
pub(crate) mod status;
mod transport;
pub(crate) mod viewer;
pub(crate) mod zeroing;
