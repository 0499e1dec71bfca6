//! WebCodecs wants more exact names than Matroska has.

/// The profile is in the first byte of a frame, after a two-bit marker, low bit first.
pub(crate) fn vp9(frame: &[u8]) -> String {
    let byte = frame.first().copied().unwrap_or(0);
    let profile = (byte >> 5 & 1) | (byte >> 4 & 1) << 1;
    let depth = if profile >= 2 { 10 } else { 8 };
    format!("vp09.{profile:02}.41.{depth:02}")
}

/// From the second and third byte of `av1C`.
pub(crate) fn av1(profile_level: u8, rest: u8) -> String {
    let (profile, level) = (profile_level >> 5, profile_level & 31);
    let tier = if rest & 0x80 == 0 { 'M' } else { 'H' };
    let depth = match (rest & 0x40 != 0, rest & 0x20 != 0) {
        (true, true) => 12,
        (true, false) => 10,
        (false, _) => 8,
    };
    format!("av01.{profile}.{level:02}{tier}.{depth:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codec_strings_follow_the_bitstreams() {
        assert_eq!(vp9(&[0b1000_0010]), "vp09.00.41.08");
        assert_eq!(vp9(&[0b1001_0010]), "vp09.02.41.10");
        assert_eq!(av1(0x04, 0x0c), "av01.0.04M.08");
        assert_eq!(av1(0x28, 0xcc), "av01.1.08H.10");
    }
}
