//! Values with a range.

use anyhow::{Result, ensure};

/// A share above 0.
pub(super) fn share(text: &str) -> Result<f64> {
    let share: f64 = text.parse()?;
    ensure!(
        share > 0.0 && share <= 1.0,
        "it must be above 0 and at most 1"
    );
    Ok(share)
}

/// A count that is not zero.
pub(super) fn at_least_one(text: &str) -> Result<usize> {
    let count: usize = text.parse()?;
    ensure!(count > 0, "it must be at least 1");
    Ok(count)
}
