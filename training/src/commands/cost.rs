//! `cost`: what models cost, counted from their configs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use vae::{Autoencoder, ModelConfig};

use crate::cli::CostArgs;
use crate::export;

/// Runs `cost`: prints a Markdown table with a row for every config. A multiply-add is two FLOP.
pub(crate) fn cost(args: &CostArgs) -> Result<()> {
    ensure!(
        args.frames > 0 && args.size > 0,
        "--frames and --size must be at least 1"
    );
    println!("| model | parameters (M) | clip | encoding (GFLOP) | decoding (GFLOP) |");
    println!("|---|---|---|---|---|");
    for path in &args.config {
        println!("{}", row(path, args.frames, args.size)?);
    }
    Ok(())
}

/// The costs of one model on a clip of this size, or of the next one that the model takes.
fn row(path: &Path, frames: usize, size: usize) -> Result<String> {
    let file = if path.is_dir() {
        path.join(export::CONFIG)
    } else {
        path.to_owned()
    };
    let shown = file.display();
    let text = fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
    let config = ModelConfig::from_json(&text).with_context(|| shown.to_string())?;
    let frames = config.frame_rule().padded(frames);
    let size = size.next_multiple_of(config.size_step());
    let cost = Autoencoder::new(&config, &Device::flex()).cost(frames, size, size);
    let gflop = |multiply_adds: u64| 2e-9 * multiply_adds as f64;
    Ok(format!(
        "| {} | {:.1} | {frames}x{size}x{size} | {} | {} |",
        path.display(),
        cost.parameters as f64 / 1e6,
        Rounded(gflop(cost.encode)),
        Rounded(gflop(cost.decode)),
    ))
}

/// A number with three significant digits below a thousand, and none of its fraction above.
struct Rounded(f64);

impl std::fmt::Display for Rounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = (2.0 - self.0.max(1e-9).log10().floor()).clamp(0.0, 6.0) as usize;
        write!(f, "{:.digits$}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let shown = [0.004_567, 1.234_5, 45.67, 5690.4].map(|x| Rounded(x).to_string());
        assert_eq!(shown, ["0.00457", "1.23", "45.7", "5690"]);
    }

    /// Clips are padded to what the model takes: LC-VAE's to 32 frames.
    #[test]
    fn a_row_says_what_was_counted() {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/published");
        let lc = row(&configs.join("lc-c8.json"), 17, 250).unwrap();
        assert!(lc.contains("| 315.0 | 32x256x256 |"), "{lc}");
        let wan = row(&configs.join("wan2.1-c16.json"), 17, 256).unwrap();
        assert!(wan.contains("| 126.9 | 17x256x256 |"), "{wan}");
        assert!(row(&configs.join("none.json"), 17, 256).is_err());
    }
}
