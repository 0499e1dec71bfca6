//! As much of zip as `torch.save` writes: stored files, zip64 where they are large.

use std::collections::HashMap;

/// What a 32-bit field says where a 64-bit one has the number.
const IN_ZIP64: usize = 0xffff_ffff;

/// The uncompressed files of a zip archive, by name.
pub(crate) fn files(bytes: &[u8]) -> Result<HashMap<String, &[u8]>, String> {
    let (count, at) = directory(bytes)?;
    let mut at = within(bytes, at)?;
    let mut files = HashMap::new();
    for _ in 0..count {
        let method = number(bytes, at + 10, 2)?;
        let [name, extra, comment] = [28, 30, 32].map(|field| number(bytes, at + field, 2));
        let (name, extra, comment) = (name?, extra?, comment?);
        let mut large = large_numbers(slice(bytes, at + 46 + name, extra)?);
        let mut field = |offset: usize| match number(bytes, at + offset, 4)? {
            IN_ZIP64 => large.next().ok_or("the archive is cut short".into()),
            small => Ok::<usize, String>(small),
        };
        // In the order in which the 64-bit numbers stand.
        let (_unpacked, size, header) = (field(24)?, field(20)?, field(42)?);
        let header = within(bytes, header)?;
        let start = header + 30 + number(bytes, header + 26, 2)? + number(bytes, header + 28, 2)?;
        let text = String::from_utf8_lossy(slice(bytes, at + 46, name)?).into_owned();
        if method == 0 {
            files.insert(text, slice(bytes, start, size)?);
        }
        at += 46 + name + extra + comment;
    }
    Ok(files)
}

/// How many files there are, and where the list of them begins.
fn directory(bytes: &[u8]) -> Result<(usize, usize), String> {
    const END: &[u8] = b"PK\x05\x06";
    const LOCATOR: &[u8] = b"PK\x06\x07";
    let end = bytes.windows(4).rposition(|window| window == END);
    let end = end.ok_or("the archive is cut short")?;
    let locator = end.checked_sub(20).and_then(|at| bytes.get(at..end));
    match locator.filter(|locator| locator.starts_with(LOCATOR)) {
        None => Ok((number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?)),
        Some(locator) => {
            let record = number(locator, 8, 8)?;
            Ok((
                number(bytes, record.saturating_add(32), 8)?,
                number(bytes, record.saturating_add(48), 8)?,
            ))
        }
    }
}

/// The 64-bit numbers of a file's extra fields.
fn large_numbers(mut extra: &[u8]) -> impl Iterator<Item = usize> {
    const ZIP64: usize = 1;
    let mut found: &[u8] = &[];
    while let (Ok(kind), Ok(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let Some((field, rest)) = extra[4..].split_at_checked(length) else {
            break;
        };
        if kind == ZIP64 {
            found = field;
        }
        extra = rest;
    }
    let (eights, _) = found.as_chunks::<8>();
    eights
        .iter()
        .map(|eight| u64::from_le_bytes(*eight) as usize)
}

/// A place that is one, so that counting on from it does not overflow.
fn within(bytes: &[u8], place: usize) -> Result<usize, String> {
    (place <= bytes.len())
        .then_some(place)
        .ok_or_else(|| "the archive is cut short".into())
}

fn slice(bytes: &[u8], start: usize, length: usize) -> Result<&[u8], String> {
    let end = start.saturating_add(length);
    bytes
        .get(start..end)
        .ok_or_else(|| "the archive is cut short".into())
}

fn number(bytes: &[u8], start: usize, length: usize) -> Result<usize, String> {
    let bytes = slice(bytes, start, length)?;
    Ok(bytes.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of one file; the sizes and places stand in 64-bit fields if `large`.
    fn archive(name: &str, content: &[u8], large: bool) -> Vec<u8> {
        let short = |n: usize| (n as u16).to_le_bytes();
        let long = |n: usize| (n as u32).to_le_bytes();
        let wide = |n: usize| (n as u64).to_le_bytes();
        let mut bytes = b"before".to_vec();
        let header = bytes.len();
        bytes.extend(
            [
                b"PK\x03\x04".as_slice(),
                &[0; 22],
                &short(name.len()),
                &short(0),
            ]
            .concat(),
        );
        bytes.extend([name.as_bytes(), content].concat());
        let directory = bytes.len();
        let (size, extra) = if large {
            // A field of another kind stands first.
            let numbers = [wide(content.len()), wide(content.len()), wide(header)].concat();
            let fields = [
                &short(9)[..],
                &short(1),
                &[7],
                &short(1),
                &short(24),
                &numbers,
            ]
            .concat();
            (IN_ZIP64, fields)
        } else {
            (content.len(), Vec::new())
        };
        bytes.extend([b"PK\x01\x02".as_slice(), &[0; 16], &long(size), &long(size)].concat());
        bytes.extend([short(name.len()), short(extra.len())].concat());
        bytes.extend([&[0; 10][..], &long(if large { IN_ZIP64 } else { header })].concat());
        bytes.extend([name.as_bytes(), &extra].concat());
        let record = bytes.len();
        if large {
            bytes.extend(
                [
                    b"PK\x06\x06".as_slice(),
                    &[0; 28],
                    &wide(1),
                    &[0; 8],
                    &wide(directory),
                ]
                .concat(),
            );
            bytes.extend([b"PK\x06\x07".as_slice(), &[0; 4], &wide(record), &[0; 4]].concat());
        }
        bytes.extend([b"PK\x05\x06".as_slice(), &[0; 6], &short(1), &[0; 4]].concat());
        bytes.extend([&long(if large { IN_ZIP64 } else { directory })[..], &[0; 2]].concat());
        bytes
    }

    #[test]
    fn small_and_large_archives_are_read_and_cut_ones_refused() {
        for large in [false, true] {
            let bytes = archive("a/data.pkl", b"content", large);
            assert_eq!(files(&bytes).unwrap()["a/data.pkl"], b"content");
            for length in 0..bytes.len() - 22 {
                let _ = files(&bytes[..length]);
                let damaged = [&bytes[..length], &[0xff; 8], &bytes[length + 8..]].concat();
                let _ = files(&damaged);
            }
        }
    }
}
