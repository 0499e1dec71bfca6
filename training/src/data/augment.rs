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

/// The middle square of `side` pixels.
pub(crate) fn centre(extent: Extent, side: usize) -> Region {
    Region {
        left: (extent.width - side) / 2,
        top: (extent.height - side) / 2,
        side,
    }
}

/// The region of every frame, scaled to `size x size`, mirrored left to right if `flip`.
pub(crate) fn cut_out(clip: &Clip, region: Region, size: usize, flip: bool) -> Result<Clip> {
    let mut result = Clip::empty(size, size)?;
    for frame in clip.iter() {
        let square = crop(frame, clip.width(), region);
        let scaled = resize(&Frame::new(region.side, region.side, square)?, size, size)?;
        result.push_frame(&if flip { mirror(scaled)? } else { scaled })?;
    }
    Ok(result)
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
            values(&cut_out(&clip, region, 2, false).unwrap()),
            [7, 8, 12, 13]
        );
        assert_eq!(
            values(&cut_out(&clip, region, 2, true).unwrap()),
            [8, 7, 13, 12]
        );
    }

    #[test]
    fn a_larger_region_is_scaled_down() {
        let clip = Clip::new(4, 4, vec![77; 48]).unwrap();
        let region = centre(clip.extent(), 4);
        assert_eq!(values(&cut_out(&clip, region, 2, false).unwrap()), [77; 4]);
    }
}
