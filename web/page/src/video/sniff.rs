//! What a file is, by its first bytes: names and types that come with it are often wrong.

/// What a file seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mp4,
    Matroska,
    /// With its media type.
    Image(&'static str),
    /// A video in a container that we do not take apart, with its name.
    Foreign(&'static str),
    Unknown,
}

/// Bytes that are enough to know: a packet of MPEG-TS, and the mark of the next.
pub(crate) const HEAD: u64 = TS_PACKET as u64 + 1;
const TS_PACKET: usize = 188;
const TS_MARK: u8 = 0x47;

/// Says what a file is from its first bytes.
pub(crate) fn of(head: &[u8]) -> Kind {
    match head {
        [b'G', b'I', b'F', b'8', ..] => Kind::Image("image/gif"),
        [0x89, b'P', b'N', b'G', ..] => Kind::Image("image/png"),
        [0xff, 0xd8, 0xff, ..] => Kind::Image("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, form @ ..] => of_riff(form),
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
        [b'O', b'g', b'g', b'S', ..] => Kind::Foreign("Ogg"),
        [0, 0, 1, 0xb3 | 0xba, ..] => Kind::Foreign("MPEG"),
        [0x30, 0x26, 0xb2, 0x75, ..] => Kind::Foreign("WMV"),
        [b'F', b'L', b'V', 1, ..] => Kind::Foreign("FLV"),
        [TS_MARK, ..] if head.get(TS_PACKET) == Some(&TS_MARK) => Kind::Foreign("MPEG-TS"),
        _ => Kind::Unknown,
    }
}

/// Of what follows the size of a RIFF file.
fn of_riff(form: &[u8]) -> Kind {
    match form {
        [b'W', b'E', b'B', b'P', ..] => Kind::Image("image/webp"),
        [b'A', b'V', b'I', b' ', ..] => Kind::Foreign("AVI"),
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
        assert_eq!(of(b"RIFF\0\0\0\0AVI LIST"), Kind::Foreign("AVI"));
        assert_eq!(of(b"OggS\0\x02"), Kind::Foreign("Ogg"));
        assert_eq!(of(b"\0\0\x01\xbaD\0"), Kind::Foreign("MPEG"));
        let packet = [&[TS_MARK], &[0xff; TS_PACKET - 1][..]].concat();
        let packets = packet.repeat(2);
        assert_eq!(of(&packets), Kind::Foreign("MPEG-TS"));
        assert_eq!(of(&packets[..TS_PACKET]), Kind::Unknown);
        assert_eq!(of(b"Good letters begin otherwise."), Kind::Unknown);
        assert_eq!(of(b"RIFF\0\0\0\0WAVEfmt "), Kind::Unknown);
        assert_eq!(of(b"This is a letter, not a film."), Kind::Unknown);
        assert_eq!(of(b""), Kind::Unknown);
    }
}
