//! What every browser can be told, whatever protocol it is told in.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;

/// A page in some browser.
pub trait Driver {
    /// The value of a JavaScript expression; promises are waited for.
    ///
    /// # Errors
    /// If it throws or the browser is gone.
    fn evaluate(&mut self, expression: &str) -> Result<Value>;

    /// Chooses files in the file input that an expression gives.
    ///
    /// # Errors
    /// If it gives none.
    fn choose_files(&mut self, input: &str, files: &[&Path]) -> Result<()>;

    /// Errors that the page's console has shown so far.
    ///
    /// # Errors
    /// If the browser is gone.
    fn problems(&mut self) -> Result<Vec<String>>;
}

impl Driver for Box<dyn Driver> {
    fn evaluate(&mut self, expression: &str) -> Result<Value> {
        (**self).evaluate(expression)
    }

    fn choose_files(&mut self, input: &str, files: &[&Path]) -> Result<()> {
        (**self).choose_files(input, files)
    }

    fn problems(&mut self) -> Result<Vec<String>> {
        (**self).problems()
    }
}
