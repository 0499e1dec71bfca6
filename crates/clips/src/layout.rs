//! Between bytes, frame by frame, and the layouts that models and measures want.

use crate::clip::{Clip, Extent};
use crate::error::{ClipError, check_length};

/// Samples as a model takes them: planar `[3, T, H, W]` in [-1, 1], `v / 127.5 - 1`.
pub fn to_planar_f32(clip: &Clip) -> Vec<f32> {
    let plane = |channel: usize| clip.data().iter().skip(channel).step_by(3);
    (0..3)
        .flat_map(plane)
        .map(|&value| f32::from(value) / 127.5 - 1.0)
        .collect()
}

/// A clip from planar samples `[3, T, H, W]` in [-1, 1], clamped and rounded to the nearest byte.
///
/// Fails when the slice does not fit the extent or the extent has no pixels.
pub fn from_planar_f32(samples: &[f32], extent: Extent) -> Result<Clip, ClipError> {
    check_length(extent.samples(), samples.len())?;
    let pixels = samples.len() / 3;
    let byte = |index: usize| ((samples[index] + 1.0) * 127.5 + 0.5).clamp(0.0, 255.0) as u8;
    let data = (0..pixels)
        .flat_map(|i| [byte(i), byte(pixels + i), byte(2 * pixels + i)])
        .collect();
    Clip::new(extent.width, extent.height, data)
}

/// Samples as the measures take them: `[T, H, W, 3]` in [0, 1], `v / 255`.
pub fn to_unit_f32(clip: &Clip) -> Vec<f32> {
    clip.data()
        .iter()
        .map(|&value| f32::from(value) / 255.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_the_round_trip() {
        let data: Vec<u8> = (0..16 * 16 * 3).map(|i| (i * 7 % 256) as u8).collect();
        let clip = Clip::new(8, 8, [data.clone(), data].concat()).unwrap();
        let planar = to_planar_f32(&clip);
        assert_eq!(from_planar_f32(&planar, clip.extent()).unwrap(), clip);
    }

    #[test]
    fn channels_become_planes() {
        let clip = Clip::new(1, 1, vec![0, 255, 51, 255, 0, 102]).unwrap();
        let planar = to_planar_f32(&clip);
        assert_eq!(planar[..4], [-1.0, 1.0, 1.0, -1.0]);
        assert_eq!(to_unit_f32(&clip)[..3], [0.0, 1.0, 0.2]);
    }

    #[test]
    fn values_outside_the_range_are_clamped() {
        let extent = Extent {
            frames: 1,
            height: 1,
            width: 1,
        };
        let clip = from_planar_f32(&[-7.0, 3.0, f32::NAN], extent).unwrap();
        assert_eq!(clip.data(), [0, 255, 0]);
        assert!(from_planar_f32(&[0.0; 4], extent).is_err());
    }
}
