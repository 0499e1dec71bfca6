//! From RGB to the planes that video encoders work on.
//!
//! Browsers would convert by themselves, each in its own way and without saying how. Done here, the
//! file's colours are known, and the same everywhere.

/// A picture as I420: a plane of luma, then two of colour differences at half the resolution,
/// rounded up. 8 bits, BT.601, limited range: what players take small untagged videos for, and the
/// only matrix that VP8 has.
///
/// Formulas: ITU-R BT.601-7, 2.5. A colour sample is that of the mean of its (up to) 2x2 pixels.
pub(crate) fn i420(rgb: &[u8], width: usize, height: usize) -> Vec<u8> {
    let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
    let mut planes = Vec::with_capacity(width * height + 2 * columns * rows);
    planes.extend(rgb.chunks_exact(3).map(|pixel| luma_sample(&unit(pixel))));
    let mut red = Vec::with_capacity(columns * rows);
    for y in 0..rows {
        for x in 0..columns {
            let mean = mean(rgb, (width, height), (2 * x, 2 * y));
            let luma = luma(&mean);
            planes.push(colour_sample((mean[2] - luma) / 1.772));
            red.push(colour_sample((mean[0] - luma) / 1.402));
        }
    }
    planes.extend(red);
    planes
}

fn unit(pixel: &[u8]) -> [f32; 3] {
    [0, 1, 2].map(|channel| f32::from(pixel[channel]) / 255.0)
}

fn luma([red, green, blue]: &[f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn luma_sample(pixel: &[f32; 3]) -> u8 {
    (16.0 + 219.0 * luma(pixel)).round() as u8
}

/// From a difference of -0.5 to 0.5.
fn colour_sample(difference: f32) -> u8 {
    (128.0 + 224.0 * difference).round() as u8
}

/// The mean of the pixels at (x, y) and right and below of it, as far as there are any.
fn mean(rgb: &[u8], (width, height): (usize, usize), (x, y): (usize, usize)) -> [f32; 3] {
    let mut sum = [0.0; 3];
    let mut count = 0.0;
    for y in y..(y + 2).min(height) {
        for x in x..(x + 2).min(width) {
            let at = 3 * (y * width + x);
            let pixel = unit(&rgb[at..at + 3]);
            sum.iter_mut().zip(pixel).for_each(|(sum, p)| *sum += p);
            count += 1.0;
        }
    }
    sum.map(|sum| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_bt601() {
        // 100 % colour bars, from the standard's formulas.
        let bars = [
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
            ([255, 0, 0], [81, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ];
        for (rgb, [y, u, v]) in bars {
            let picture = rgb.repeat(4);
            assert_eq!(i420(&picture, 2, 2), [y, y, y, y, u, v], "{rgb:?}");
        }
    }

    #[test]
    fn odd_sides_have_a_last_colour_sample_of_their_own() {
        // Two black columns and a red one.
        let row = [0, 0, 0, 0, 0, 0, 255, 0, 0];
        let planes = i420(&row.repeat(3), 3, 3);
        let luma = [16, 16, 81].repeat(3);
        assert_eq!(planes[..9], luma);
        assert_eq!(planes[9..13], [128, 90, 128, 90]);
        assert_eq!(planes[13..], [128, 240, 128, 240]);
    }

    #[test]
    fn a_colour_sample_is_the_mean_of_its_pixels() {
        let picture = [255, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0];
        // Half red, half black: half way from 128 to red's 90 and 240.
        assert_eq!(i420(&picture, 2, 2)[4..], [109, 184]);
    }
}
