//! What a panic of the libraries beneath says.

use std::any::Any;

/// The message of a caught panic; `None` if it is no text.
pub(crate) fn message(panic: &(dyn Any + Send)) -> Option<&str> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
}
