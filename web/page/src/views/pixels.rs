//! Arithmetic on pixels.

/// RGB samples with an alpha of one.
pub(crate) fn opaque(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], u8::MAX])
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
    fn differences_are_amplified_and_capped() {
        assert_eq!(difference(&[10, 200, 7], &[12, 100, 7], 4), [8, 255, 0]);
    }
}
