//! Arithmetic on pixels.

/// RGB samples with an alpha of one.
pub(crate) fn opaque(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], u8::MAX])
        .collect()
}

/// Pictures of the same size next to each other, from left to right; `width` is that of one.
pub(crate) fn beside(pictures: &[&[u8]], width: usize) -> Vec<u8> {
    let row = 3 * width.max(1);
    let rows = pictures
        .iter()
        .map(|rgb| rgb.len() / row)
        .min()
        .unwrap_or(0);
    (0..rows)
        .flat_map(|y| pictures.iter().map(move |rgb| &rgb[y * row..(y + 1) * row]))
        .flatten()
        .copied()
        .collect()
}

/// Absolute differences, amplified.
pub(crate) fn difference(left: &[u8], right: &[u8], gain: u32) -> Vec<u8> {
    left.iter()
        .zip(right)
        .map(|(a, b)| (u32::from(a.abs_diff(*b)) * gain).min(255) as u8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_opaque() {
        assert_eq!(opaque(&[1, 2, 3, 4, 5, 6]), [1, 2, 3, 255, 4, 5, 6, 255]);
    }

    #[test]
    fn pictures_stand_next_to_each_other() {
        let (left, right) = ([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]);
        let both = [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12];
        assert_eq!(beside(&[&left, &right], 1), both);
        assert_eq!(beside(&[&left], 2), left);
        assert!(beside(&[], 2).is_empty());
    }

    #[test]
    fn differences_are_amplified_and_capped() {
        assert_eq!(difference(&[10, 200, 7], &[12, 100, 7], 4), [8, 255, 0]);
    }
}
