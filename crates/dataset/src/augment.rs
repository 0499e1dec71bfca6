//! Cutting a training window out of decoded frames.

use anyhow::Result;
use clips::{Clip, Extent, Frame, resize};

/// A square of a frame, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) side: usize,
}

/// What a window takes of every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A square, scaled to the window's size.
    Square(Region),
    /// The middle of the whole frame scaled until its shorter side is the window's: the WF-VAE
    /// code's.
    Middle,
}

/// The middle square of `side` pixels.
pub(crate) fn centre(extent: Extent, side: usize) -> Region {
    Region {
        left: (extent.width - side) / 2,
        top: (extent.height - side) / 2,
        side,
    }
}

/// `size x size` pixels of every frame, mirrored left to right if `flip`.
pub(crate) fn cut_out(clip: &Clip, cut: Cut, size: usize, flip: bool) -> Result<Clip> {
    let mut result = Clip::empty(size, size)?;
    for frame in clip.iter() {
        let taken = match cut {
            Cut::Square(region) => square(frame, clip.width(), region, size)?,
            Cut::Middle => middle(frame, clip.extent(), size)?,
        };
        result.push_frame(&if flip { mirror(taken)? } else { taken })?;
    }
    Ok(result)
}

fn square(rgb: &[u8], width: usize, region: Region, size: usize) -> Result<Frame> {
    let square = crop(rgb, width, region);
    let square = Frame::new(region.side, region.side, square)?;
    Ok(resize(&square, size, size)?)
}

/// The longer side is cut down to whole pixels; half a pixel beside the middle goes to the even
/// side, as torchvision has it (spec/wfvae.md 11).
fn middle(rgb: &[u8], extent: Extent, size: usize) -> Result<Frame> {
    let shorter = extent.height.min(extent.width);
    let [height, width] = [extent.height, extent.width].map(|side| side * size / shorter);
    let frame = Frame::new(extent.width, extent.height, rgb.to_vec())?;
    let scaled = resize(&frame, width, height)?;
    let beside = |side: usize| ((side - size) as f64 / 2.0).round_ties_even() as usize;
    let region = Region {
        left: beside(width),
        top: beside(height),
        side: size,
    };
    Ok(Frame::new(size, size, crop(scaled.rgb(), width, region))?)
}

fn crop(rgb: &[u8], width: usize, region: Region) -> Vec<u8> {
    let rows = rgb
        .chunks_exact(width * 3)
        .skip(region.top)
        .take(region.side);
    rows.flat_map(|row| &row[region.left * 3..(region.left + region.side) * 3])
        .copied()
        .collect()
}

fn mirror(frame: Frame) -> Result<Frame> {
    let (width, height) = (frame.width(), frame.height());
    let rows = frame.rgb().chunks_exact(width * 3);
    let rgb = rows
        .flat_map(|row| row.rchunks_exact(3).flatten())
        .copied()
        .collect();
    Ok(Frame::new(width, height, rgb)?)
}

#[cfg(test)]
mod tests {
    use clips::to_planar_f32;
    use e2e::vectors::Vectors;

    use super::*;

    fn numbered(width: usize, height: usize) -> Clip {
        let pixels = (0..width * height).flat_map(|i| [i as u8; 3]);
        Clip::new(width, height, pixels.collect()).unwrap()
    }

    fn values(clip: &Clip) -> Vec<u8> {
        clip.data().iter().step_by(3).copied().collect()
    }

    #[test]
    fn a_region_of_the_window_size_is_copied() {
        let clip = numbered(5, 4);
        let region = Region {
            left: 2,
            top: 1,
            side: 2,
        };
        assert_eq!(
            values(&cut_out(&clip, Cut::Square(region), 2, false).unwrap()),
            [7, 8, 12, 13]
        );
        assert_eq!(
            values(&cut_out(&clip, Cut::Square(region), 2, true).unwrap()),
            [8, 7, 13, 12]
        );
    }

    #[test]
    fn a_larger_region_is_scaled_down() {
        let clip = Clip::new(4, 4, vec![77; 48]).unwrap();
        let cut = Cut::Square(centre(clip.extent(), 4));
        assert_eq!(values(&cut_out(&clip, cut, 2, false).unwrap()), [77; 4]);
    }

    /// Theirs are floats, ours are rounded to bytes: half a level is all that lies between.
    #[test]
    fn the_middle_is_the_references() {
        let vectors = Vectors::open("metrics/resize");
        let (shape, pixels) = vectors.raw("clip_u8");
        let [2, 3, height, width] = shape[..] else {
            panic!("{shape:?}")
        };
        let expected = vectors.raw("train_resize_crop_norm_12").1;
        let plane = height * width;
        for (frame, expected) in pixels
            .chunks_exact(3 * plane)
            .zip(expected.chunks_exact(3 * 12 * 12))
        {
            let rgb = (0..3 * plane).map(|i| frame[i % 3 * plane + i / 3] as u8);
            let clip = Clip::new(width, height, rgb.collect()).unwrap();
            let found = to_planar_f32(&cut_out(&clip, Cut::Middle, 12, false).unwrap());
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() * 127.5 < 0.501, "{a} for {b}");
            }
        }
    }

    #[test]
    fn half_a_pixel_beside_the_middle_goes_to_the_even_side() {
        let left = |width| {
            let clip = numbered(width, 2);
            values(&cut_out(&clip, Cut::Middle, 2, false).unwrap())[0]
        };
        assert_eq!((left(3), left(5), left(7), left(9)), (0, 2, 2, 4));
    }
}
