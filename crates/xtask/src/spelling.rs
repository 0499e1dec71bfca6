//! Words that are often misspelt, found by codespell; .codespellrc says where to look.

use anyhow::Result;

use crate::command::{find, program, run};
use crate::system;

const PROGRAM: &str = "codespell";

/// Fails with every misspelt word.
pub(crate) fn check() -> Result<()> {
    if find(&[PROGRAM]).is_none() {
        system::install(PROGRAM, &[PROGRAM])?;
    }
    run(&mut program(PROGRAM))
}
