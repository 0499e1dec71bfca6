//! Real browsers, driven without a library: Chromium over DevTools (which shows the console of the
//! page *and of its workers*), Firefox over WebDriver BiDi, WebKit over WebDriver.

mod bidi;
mod chromium;
mod devtools;
mod driver;
mod engine;
mod firefox;
mod messages;
mod only_chromium;
mod page;
mod tab;
mod webdriver;
mod webkit;

pub use chromium::Gpu;
pub use driver::Driver;
pub use engine::Engine;
pub use page::{Page, element};
pub use tab::Tab;
