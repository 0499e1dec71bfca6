//! Antialiased bilinear resizing.

use crate::error::{ClipError, check_size};
use crate::frame::Frame;

const RGB: usize = 3;

/// Resizes with a triangle filter whose support grows with the reduction, half-pixel centres: what
/// PIL calls bilinear and torchvision `antialias=True`. Enlarging is plain bilinear.
///
/// Fails when a side of the new size is zero.
pub fn resize(frame: &Frame, width: usize, height: usize) -> Result<Frame, ClipError> {
    filtered(frame, width, height, |from, to| from as f64 / to as f64)
}

/// Resizes as WF-VAE's evaluation scripts do: the same filter at steps of `(from - 1) / (to - 1)`
/// pixels, which looks at less than the whole picture, and a longer side that is cut down to whole
/// pixels. Source: spec/metrics.md 7.
///
/// Fails when `short` is zero.
pub fn resize_for_wf_scripts(frame: &Frame, short: usize) -> Result<Frame, ClipError> {
    let shorter = frame.width().min(frame.height()).max(1);
    let [width, height] = [frame.width(), frame.height()].map(|side| side * short / shorter);
    filtered(frame, width, height, |from, to| match to {
        1 => 0.0,
        _ => (from - 1) as f64 / (to - 1) as f64,
    })
}

/// Resizes with steps of `ratio(from, to)` pixels along each axis.
fn filtered(
    frame: &Frame,
    width: usize,
    height: usize,
    ratio: fn(usize, usize) -> f64,
) -> Result<Frame, ClipError> {
    check_size(width, height)?;
    if (width, height) == (frame.width(), frame.height()) {
        return Ok(frame.clone());
    }
    let columns = taps(frame.width(), width, ratio(frame.width(), width));
    let rows = taps(frame.height(), height, ratio(frame.height(), height));
    let narrowed: Vec<f32> = frame
        .rgb()
        .chunks_exact(frame.width() * RGB)
        .flat_map(|row| columns.iter().flat_map(|tap| tap.pixel(row)))
        .collect();
    let lines: Vec<&[f32]> = narrowed.chunks_exact(width * RGB).collect();
    let rgb = rows
        .iter()
        .flat_map(|tap| tap.line(&lines))
        .map(to_byte)
        .collect();
    Frame::new(width, height, rgb)
}

/// Resizes so that the shorter side is `short` pixels; the longer side keeps the aspect, rounded.
///
/// Fails when `short` is zero.
pub fn resize_short_side(frame: &Frame, short: usize) -> Result<Frame, ClipError> {
    let (width, height) = short_side_size(frame.width(), frame.height(), short);
    resize(frame, width, height)
}

/// The size whose shorter side is `short`, with the aspect of `width x height`.
pub(crate) fn short_side_size(width: usize, height: usize, short: usize) -> (usize, usize) {
    let shorter = width.min(height).max(1);
    let scaled = |side: usize| (side * short + shorter / 2) / shorter;
    (scaled(width), scaled(height))
}

/// The source samples, and their weights, that make one output sample.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

impl Tap {
    fn pixel(&self, row: &[u8]) -> [f32; RGB] {
        let mut sum = [0.0; RGB];
        for (pixel, weight) in row[self.start * RGB..].chunks_exact(RGB).zip(&self.weights) {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += weight * f32::from(value);
            }
        }
        sum
    }

    fn line(&self, lines: &[&[f32]]) -> Vec<f32> {
        let mut sum = vec![0.0; lines[0].len()];
        for (line, weight) in lines[self.start..].iter().zip(&self.weights) {
            for (sum, value) in sum.iter_mut().zip(*line) {
                *sum += weight * value;
            }
        }
        sum
    }
}

fn taps(from: usize, to: usize, ratio: f64) -> Vec<Tap> {
    let scale = ratio.max(1.0);
    (0..to)
        .map(|index| {
            let centre = ratio * (index as f64 + 0.5);
            let start = ((centre - scale + 0.5).max(0.0)) as usize;
            let end = ((centre + scale + 0.5) as usize).min(from);
            let weight = |i: usize| (1.0 - ((i as f64 + 0.5 - centre) / scale).abs()).max(0.0);
            let sum: f64 = (start..end).map(weight).sum();
            Tap {
                start,
                weights: (start..end).map(|i| (weight(i) / sum) as f32).collect(),
            }
        })
        .collect()
}

fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize, values: &[u8]) -> Frame {
        Frame::new(width, height, values.iter().flat_map(|&v| [v; 3]).collect()).unwrap()
    }

    fn values(frame: &Frame) -> Vec<u8> {
        frame.rgb().chunks_exact(3).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn halving_weighs_one_three_three_one() {
        let half = resize(&grey(8, 1, &[0, 0, 0, 80, 0, 0, 0, 0]), 4, 1).unwrap();
        // The neighbour of the lit pair's far side gets 1/8, its own pair 3/8.
        assert_eq!(values(&half), [0, 30, 10, 0]);
    }

    #[test]
    fn doubling_interpolates_at_quarter_points() {
        let double = resize(&grey(2, 1, &[0, 100]), 4, 1).unwrap();
        assert_eq!(values(&double), [0, 25, 75, 100]);
    }

    #[test]
    fn constants_stay_constant() {
        for (width, height) in [(1, 1), (3, 7), (40, 2), (5, 50)] {
            let resized = resize(&grey(7, 5, &[201; 35]), width, height).unwrap();
            assert_eq!((resized.width(), resized.height()), (width, height));
            assert!(values(&resized).iter().all(|&v| v == 201));
        }
    }

    #[test]
    fn rows_and_columns_are_treated_alike() {
        let pixels: Vec<u8> = (0..30).map(|i| (i * 47 % 256) as u8).collect();
        let turned: Vec<u8> = (0..30).map(|i| pixels[i % 5 * 6 + i / 5]).collect();
        let across = values(&resize(&grey(6, 5, &pixels), 4, 5).unwrap());
        let down = values(&resize(&grey(5, 6, &turned), 5, 4).unwrap());
        assert!((0..20).all(|i| across[i] == down[i % 4 * 5 + i / 4]));
    }

    #[test]
    fn the_short_side_keeps_the_aspect() {
        assert_eq!(short_side_size(1920, 1080, 128), (228, 128));
        assert_eq!(short_side_size(1080, 1920, 128), (128, 228));
        assert_eq!(short_side_size(1, 9000, 2), (2, 18000));
    }

    #[test]
    fn a_size_without_pixels_is_refused() {
        assert!(resize(&grey(1, 1, &[0]), 0, 4).is_err());
    }
}
