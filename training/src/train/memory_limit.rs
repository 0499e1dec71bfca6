//! A device whose memory is too small for a step.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use anyhow::{Error, Result};

use crate::config::{Config, Precision};
use crate::panics::message;

/// How the libraries beneath say that there is no memory left.
const WORDS: [&str; 5] = [
    "out of memory",
    "out of device memory",
    "out_of_memory",
    "not enough memory",
    "can't allocate",
];

/// Runs a step. If the device has too little memory for it, which shows as an error or as a panic, the
/// error says what to lower; other panics go on.
pub(super) fn explained<T>(config: &Config, step: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Err(error)) if speaks_of_memory(&format!("{error:#}")) => {
            Err(error.context(advice(config)))
        }
        Ok(outcome) => outcome,
        Err(panic) => match message(panic.as_ref()).filter(|text| speaks_of_memory(text)) {
            Some(text) => {
                let first = text.lines().next().unwrap_or_default().to_owned();
                Err(Error::msg(first).context(advice(config)))
            }
            None => resume_unwind(panic),
        },
    }
}

fn speaks_of_memory(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|words| text.contains(words))
}

fn advice(config: &Config) -> String {
    let data = &config.data;
    let half = match config.optimiser.precision {
        Precision::F32 => ", or set optimiser.precision = \"bf16\"",
        Precision::Bf16 => "",
    };
    format!(
        "the device has too little memory for a step; lower data.batch (now {}; optimiser.accumulate \
         makes up for it), data.size (now {}) or data.frames (now {}){half}",
        data.batch, data.size, data.frames
    )
}

#[cfg(test)]
mod tests {
    use anyhow::{anyhow, bail};

    use super::*;

    fn said(step: impl FnOnce() -> Result<()>) -> String {
        let config = Config::preset("tiny").unwrap();
        format!("{:#}", explained(&config, step).unwrap_err())
    }

    #[test]
    fn too_little_memory_is_said_with_what_to_lower() {
        let error = said(|| bail!("out of device memory allocating 17 bytes"));
        let panic = said(|| panic!("CUDA_ERROR_OUT_OF_MEMORY\nsecond line"));
        for text in [error, panic] {
            assert!(text.contains("lower data.batch (now 1;"), "{text}");
            assert!(text.contains("bf16") && !text.contains("second"), "{text}");
        }
    }

    #[test]
    fn other_failures_stay_what_they_are() {
        assert_eq!(said(|| Err(anyhow!("no such clip"))), "no such clip");
        let config = Config::preset("tiny").unwrap();
        let other = || explained::<()>(&config, || panic!("a fault"));
        assert!(catch_unwind(AssertUnwindSafe(other)).is_err());
        assert_eq!(explained(&config, || Ok(3)).unwrap(), 3);
    }
}
