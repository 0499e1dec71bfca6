//! EBML, the binary language that Matroska and WebM are written in (RFC 8794): elements, each an
//! identifier, a size and data. Here whole elements are made of data that is already there, so
//! every size is known.

/// An element's identifier as it stands in the file, its length marker included (RFC 8794, 5).
pub(super) type Id = u32;

/// An element of any data (RFC 8794, 7.8).
pub(super) fn binary(id: Id, data: &[u8]) -> Vec<u8> {
    let mut element = identifier(id);
    element.extend(size(data.len() as u64));
    element.extend_from_slice(data);
    element
}

/// An element that holds other elements (RFC 8794, 7.7).
pub(super) fn master(id: Id, children: &[Vec<u8>]) -> Vec<u8> {
    binary(id, &children.concat())
}

/// An element that holds a number, in as few bytes as it takes (RFC 8794, 7.2).
pub(super) fn unsigned(id: Id, value: u64) -> Vec<u8> {
    binary(id, without_zeros(&value.to_be_bytes()))
}

/// The same in eight bytes, for numbers whose place must be known before they are.
pub(super) fn unsigned_wide(id: Id, value: u64) -> Vec<u8> {
    binary(id, &value.to_be_bytes())
}

/// An element that holds a number with a fraction (RFC 8794, 7.3).
pub(super) fn float(id: Id, value: f64) -> Vec<u8> {
    binary(id, &value.to_be_bytes())
}

/// An element that holds ASCII or UTF-8 text (RFC 8794, 7.4 and 7.5).
pub(super) fn text(id: Id, value: &str) -> Vec<u8> {
    binary(id, value.as_bytes())
}

fn identifier(id: Id) -> Vec<u8> {
    without_zeros(&id.to_be_bytes()).to_vec()
}

/// The bytes from the first one that is not zero, at least the last one.
fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros.min(bytes.len() - 1)..]
}

/// A size as a variable-size integer (RFC 8794, 4 and 6): as many leading zero bits as bytes
/// follow the first, a one, then the value. All ones are reserved for sizes that are unknown.
fn size(value: u64) -> Vec<u8> {
    let length = (1..8)
        .find(|length| value < (1 << (7 * length)) - 1)
        .unwrap_or(8);
    let marked = value | 1 << (7 * length);
    marked.to_be_bytes()[8 - length..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_as_few_bytes_as_they_can() {
        assert_eq!(size(0), [0x80]);
        assert_eq!(size(126), [0xfe]);
        assert_eq!(size(127), [0x40, 0x7f], "0xff would mean unknown");
        assert_eq!(size(16_382), [0x7f, 0xfe]);
        assert_eq!(size(16_383), [0x20, 0x3f, 0xff]);
        assert_eq!(size(1 << 50), [0x01, 0x04, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn elements_are_identifier_size_and_data() {
        assert_eq!(unsigned(0x83, 1), [0x83, 0x81, 1]);
        assert_eq!(unsigned(0x9c, 0), [0x9c, 0x81, 0]);
        assert_eq!(unsigned(0x2a_d7b1, 256), [0x2a, 0xd7, 0xb1, 0x82, 1, 0]);
        assert_eq!(text(0x4282, "webm"), *b"\x42\x82\x84webm");
        let parent = master(0xae, &[unsigned(0xd7, 2), unsigned(0x83, 1)]);
        assert_eq!(parent, [0xae, 0x86, 0xd7, 0x81, 2, 0x83, 0x81, 1]);
        assert_eq!(unsigned_wide(0xf1, 3).len(), 10);
    }
}
