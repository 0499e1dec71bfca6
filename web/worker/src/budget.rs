//! Whether a clip fits the device, asked before the work rather than found out by a crash.

use clips::Extent;
use protocol::{Failure, FailureKind};

use crate::failure::failure;

const BYTES: u64 = 4;
/// Frames per latent frame of the shallower models; fewer frames per latent need more memory.
const FRAMES_PER_LATENT: usize = 4;
/// Wavelet coefficients of an RGB clip: the least channels at half resolution.
const COEFFICIENTS: usize = 24;

/// What a model's use of memory goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// Width of its first stage.
    pub(crate) base: usize,
    /// Whether the positions of a latent frame attend to each other.
    pub(crate) attends: bool,
    /// Pixels to a position along a side.
    pub(crate) pixels_per_latent: usize,
}

/// Bytes of the largest tensor that coding `chunk` at once makes.
///
/// That is the decoder's last stage, twice as wide as the encoder's first, at half resolution in
/// all three axes; or, for large pictures, the scores of the attention within each latent frame.
pub(crate) fn largest_tensor(model: Model, chunk: Extent) -> u64 {
    let pixels = chunk.height as u64 * chunk.width as u64;
    let volume = pixels * chunk.frames as u64 / 8;
    let activation = volume * COEFFICIENTS.max(2 * model.base) as u64;
    if !model.attends {
        return BYTES * activation;
    }
    let [rows, columns] = [chunk.height, chunk.width].map(|side| side / model.pixels_per_latent);
    let positions = (rows * columns) as u64;
    let scores = chunk.frames.div_ceil(FRAMES_PER_LATENT) as u64 * positions * positions;
    BYTES * activation.max(scores)
}

/// Fails if coding `chunk` at once needs a buffer larger than `limit` bytes, offering the largest
/// size of the same shape, in multiples of `step` pixels, that does not.
pub(crate) fn check(model: Model, chunk: Extent, step: usize, limit: u64) -> Result<(), Failure> {
    let needed = largest_tensor(model, chunk);
    if needed <= limit {
        return Ok(());
    }
    let way_out = match largest_fitting(model, chunk, step, limit) {
        Some(Extent { height, width, .. }) => format!("resize it to {width} x {height} or less"),
        None => "choose a narrower model".into(),
    };
    let message = format!(
        "At {} x {} pixels this clip needs {} in one piece and this device gives {}; {way_out}.",
        chunk.width,
        chunk.height,
        size(needed),
        size(limit),
    );
    Err(failure(FailureKind::OutOfMemory, message))
}

fn largest_fitting(model: Model, chunk: Extent, step: usize, limit: u64) -> Option<Extent> {
    let rows = (1..chunk.height.div_ceil(step)).rev().map(|n| n * step);
    rows.map(|height| Extent {
        height,
        width: (chunk.width * height / chunk.height / step).max(1) * step,
        ..chunk
    })
    .find(|&smaller| largest_tensor(model, smaller) <= limit)
}

fn size(bytes: u64) -> String {
    match bytes.div_ceil(1_000_000) {
        megabytes @ ..2000 => format!("{megabytes} MB"),
        megabytes => format!("{} GB", megabytes / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn wide(base: usize) -> Model {
        Model {
            base,
            attends: true,
            pixels_per_latent: 8,
        }
    }

    fn chunk(height: usize, width: usize) -> Extent {
        Extent {
            frames: 32,
            height,
            width,
        }
    }

    #[test]
    fn the_decoders_last_stage_counts_and_at_large_sizes_attention() {
        assert_eq!(largest_tensor(wide(64), chunk(256, 256)), 128 * MIB);
        assert_eq!(largest_tensor(wide(16), chunk(512, 512)), 512 * MIB);
        assert_eq!(
            largest_tensor(wide(4), chunk(64, 64)),
            largest_tensor(wide(12), chunk(64, 64))
        );
        let without = Model {
            attends: false,
            pixels_per_latent: 8,
            ..wide(16)
        };
        assert_eq!(largest_tensor(without, chunk(512, 512)), 128 * MIB);
    }

    #[test]
    fn what_does_not_fit_is_told_with_a_size_that_does() {
        assert_eq!(check(wide(64), chunk(256, 256), 16, 128 * MIB), Ok(()));
        let failure = check(wide(64), chunk(272, 480), 16, 128 * MIB).unwrap_err();
        assert_eq!(failure.kind, FailureKind::OutOfMemory);
        assert!(
            failure.message.contains("resize it to 336 x 192 or less"),
            "{failure:?}"
        );
        let message = check(wide(64), chunk(2160, 3840), 16, 128 * MIB)
            .unwrap_err()
            .message;
        assert!(message.contains("needs 537 GB in one piece") && message.contains("gives 135 MB"));
        let failure = check(wide(64), chunk(16, 16), 16, MIB / 4).unwrap_err();
        assert!(failure.message.contains("narrower model"), "{failure:?}");
    }
}
