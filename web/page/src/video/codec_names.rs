//! What codecs are called: WebCodecs wants more exact names than Matroska has, and people plainer
//! ones than MP4 has.

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

/// The codec of an MP4 or MOV sample entry that no browser plays.
pub(crate) fn plain(code: &str) -> String {
    let known = match code.trim() {
        "mjpa" | "mjpb" | "jpeg" | "mjpg" | "MJPG" => "Motion JPEG",
        "apco" | "apcs" | "apcn" | "apch" | "ap4h" | "ap4x" => "Apple ProRes",
        "AVdn" | "AVdh" => "DNxHD",
        "mp4v" => "MPEG-4 Part 2",
        "s263" | "h263" | "H263" => "H.263",
        "dvh1" | "dvhe" | "dva1" | "dvav" => "Dolby Vision",
        "vvc1" | "vvi1" => "H.266 (VVC)",
        "SVQ1" | "SVQ3" => "Sorenson Video",
        "cvid" => "Cinepak",
        "rle" => "QuickTime Animation",
        "encv" => "a video that is encrypted",
        code => return format!("its codec “{code}”"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_named_where_they_are_known() {
        assert_eq!(plain("rle "), "QuickTime Animation");
        assert_eq!(plain("apch"), "Apple ProRes");
        assert_eq!(plain("xxxx"), "its codec “xxxx”");
    }

    #[test]
    fn codec_strings_follow_the_bitstreams() {
        assert_eq!(vp9(&[0b1000_0010]), "vp09.00.41.08");
        assert_eq!(vp9(&[0b1001_0010]), "vp09.02.41.10");
        assert_eq!(av1(0x04, 0x0c), "av01.0.04M.08");
        assert_eq!(av1(0x28, 0xcc), "av01.1.08H.10");
    }
}
