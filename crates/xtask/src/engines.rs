//! Whether every browser engine takes the page's modules.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasmparser::{Validator, WasmFeatures};

use crate::size::{MODULES, find_module};

/// Fails with the first instruction of a module in `dist` that some current engine does not know:
/// WebKit refuses a whole module for a single relaxed-SIMD one.
pub(crate) fn check(dist: &Path) -> Result<()> {
    for module in MODULES {
        let file = find_module(dist, module)?;
        everywhere(&fs::read(&file)?).with_context(|| {
            format!("the module of {module} would not start in every current browser")
        })?;
        println!("{module:<8} has only instructions that every current browser knows");
    }
    Ok(())
}

fn everywhere(module: &[u8]) -> Result<()> {
    let features = WasmFeatures::default().difference(WasmFeatures::RELAXED_SIMD);
    Validator::new_with_features(features).validate_all(module)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of one function on vectors that ends in an instruction with this number.
    fn module(instruction: &[u8]) -> Vec<u8> {
        let body: Vec<u8> = [&[0, 0x20, 0, 0x20, 0, 0x20, 0, 0xfd], instruction, &[0x0b]].concat();
        let code: Vec<u8> = [&[1, body.len() as u8], &body[..]].concat();
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b, 3, 2, 1, 0]);
        bytes.extend([10, code.len() as u8]);
        bytes.extend(code);
        bytes
    }

    #[test]
    fn a_relaxed_instruction_is_found() {
        // v128.bitselect takes three vectors as f32x4.relaxed_madd does.
        everywhere(&module(&[0x52])).unwrap();
        let error = everywhere(&module(&[0x85, 0x02])).unwrap_err().to_string();
        assert!(error.contains("relaxed"), "{error}");
        assert!(everywhere(b"<!DOCTYPE html>").is_err());
    }
}
