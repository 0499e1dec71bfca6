//! What a file is, by its first bytes: names and types that come with it are often wrong.

/// What a file seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mp4,
    Matroska,
    /// With its media type.
    Image(&'static str),
    Unknown,
}

/// Bytes that are enough to know.
pub(crate) const HEAD: u64 = 16;

/// Says what a file is from its first bytes.
pub(crate) fn of(head: &[u8]) -> Kind {
    match head {
        [b'G', b'I', b'F', b'8', ..] => Kind::Image("image/gif"),
        [0x89, b'P', b'N', b'G', ..] => Kind::Image("image/png"),
        [0xff, 0xd8, 0xff, ..] => Kind::Image("image/jpeg"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Kind::Image("image/webp"),
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f' | b's',
            ..,
        ] => Kind::Image("image/avif"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Kind::Matroska,
        [_, _, _, _, name @ ..] if is_box(name) => Kind::Mp4,
        _ => Kind::Unknown,
    }
}

fn is_box(name: &[u8]) -> bool {
    [
        b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"styp",
    ]
    .iter()
    .any(|known| name.starts_with(*known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide() {
        assert_eq!(of(b"\0\0\0\x20ftypisom"), Kind::Mp4);
        assert_eq!(of(b"\0\0\0\x20ftypavif"), Kind::Image("image/avif"));
        assert_eq!(of(&[0x1a, 0x45, 0xdf, 0xa3, 1]), Kind::Matroska);
        assert_eq!(of(b"RIFF\0\0\0\0WEBPVP8 "), Kind::Image("image/webp"));
        assert_eq!(of(b"This is a letter, not a film."), Kind::Unknown);
        assert_eq!(of(b""), Kind::Unknown);
    }
}
