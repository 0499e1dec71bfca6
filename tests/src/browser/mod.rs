//! A real Chromium, driven over its DevTools protocol: no driver program, nothing to match versions
//! with, and the console of the page *and of its workers* in one place.

mod chromium;
mod devtools;
mod page;

pub use chromium::{Chromium, Gpu};
pub use devtools::DevTools;
pub use page::{Page, element};
