//! The three engines that browsers are made of.

use anyhow::Result;

use super::bidi::Bidi;
use super::chromium::Gpu;
use super::driver::Driver;
use super::tab::Tab;
use super::webdriver::WebDriver;

/// What runs the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Blink and V8, of Chrome and Edge.
    Chromium,
    /// Gecko, of Firefox.
    Firefox,
    /// WebKit, of Safari and of every browser on an iPhone.
    WebKit,
}

impl Engine {
    /// Opens an address in a browser of its own, on the CPU.
    ///
    /// # Errors
    /// If the browser is missing or refuses.
    pub fn open(self, address: &str) -> Result<Box<dyn Driver>> {
        Ok(match self {
            Self::Chromium => Box::new(Tab::open(Gpu::None, address)?),
            Self::Firefox => Box::new(Bidi::open(address)?),
            Self::WebKit => Box::new(WebDriver::open(address)?),
        })
    }
}
