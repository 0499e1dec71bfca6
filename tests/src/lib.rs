//! Helpers of the tests over the whole project: reference vectors and formula weights, a real
//! browser, and what the page should show in it.

pub mod browser;
pub mod dist;
pub mod media;
pub mod native;
pub mod vectors;
pub mod visit;
