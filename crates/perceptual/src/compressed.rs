//! The deep-compressed SqueezeNet 1.0: pruned weights as gaps and indices into a codebook.
//! Source: spec/backbones.md.

use crate::error::PerceptualError;
use crate::tensor_map::TensorMap;
use torchfile::Number;

/// Index, squeezed and expanded channels (1x1 and 3x3 each) of the fires.
const FIRES: [(usize, usize, usize); 8] = [
    (2, 16, 64),
    (3, 16, 64),
    (4, 32, 128),
    (5, 32, 128),
    (6, 48, 192),
    (7, 48, 192),
    (8, 64, 256),
    (9, 64, 256),
];

/// Decodes a file into `features.1` (the first convolution), `features.2` to `features.9` (the
/// fires), and `classifier`.
pub(crate) fn decode(bytes: &[u8]) -> Result<TensorMap, PerceptualError> {
    let layers = layers();
    let mut reader = Reader(bytes);
    let counts: Vec<usize> = reader
        .take(4 * layers.len())?
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| u32::from_le_bytes(*b) as usize)
        .collect();
    let mut map = TensorMap::default();
    for ((name, shape), count) in layers.into_iter().zip(counts) {
        let codebook = Number::F32.values(reader.take(4 * 256)?);
        let bias = Number::F32.values(reader.take(4 * shape[0])?);
        let codes = reader.take(count)?;
        let gaps = reader.take(count.div_ceil(2))?;
        let weight = sparse(shape.iter().product(), &codebook, codes, gaps)?;
        map.insert(&format!("{name}.bias"), vec![shape[0]], bias);
        map.insert(&format!("{name}.weight"), shape.to_vec(), weight);
    }
    if reader.0.is_empty() {
        Ok(map)
    } else {
        Err(broken("it is longer than that network"))
    }
}

fn layers() -> Vec<(String, [usize; 4])> {
    let mut layers = vec![("features.1".to_owned(), [96, 3, 7, 7])];
    let mut width = 96;
    for (index, squeezed, expanded) in FIRES {
        let name = |part: &str| format!("features.{index}.{part}");
        layers.push((name("squeeze"), [squeezed, width, 1, 1]));
        layers.push((name("expand1x1"), [expanded, squeezed, 1, 1]));
        layers.push((name("expand3x3"), [expanded, squeezed, 3, 3]));
        width = 2 * expanded;
    }
    layers.push(("classifier".to_owned(), [1000, width, 1, 1]));
    layers
}

fn sparse(
    size: usize,
    codebook: &[f32],
    codes: &[u8],
    gaps: &[u8],
) -> Result<Vec<f32>, PerceptualError> {
    let mut weight = vec![0.0; size];
    let mut next = 0;
    let gaps = gaps.iter().flat_map(|byte| [byte & 15, byte >> 4]);
    for (code, gap) in codes.iter().zip(gaps) {
        let at = next + usize::from(gap);
        let slot = weight
            .get_mut(at)
            .ok_or_else(|| broken("a weight lies outside its layer"))?;
        *slot = codebook[usize::from(*code)];
        next = at + 1;
    }
    Ok(weight)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PerceptualError> {
        let (head, tail) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| broken("it is too short"))?;
        self.0 = tail;
        Ok(head)
    }
}

fn broken(why: &str) -> PerceptualError {
    PerceptualError::Compressed(why.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn gaps_count_the_zeros_between() {
        let codebook = [0.0, 0.5, -2.0];
        // Gaps 1, 0, 2, the low half of a byte first.
        let weight = sparse(6, &codebook, &[1, 2, 1], &[0x01, 0x02]).unwrap();
        assert_eq!(weight, [0.0, 0.5, -2.0, 0.0, 0.0, 0.5]);
        assert!(sparse(5, &codebook, &[1, 2, 1], &[0x01, 0x02]).is_err());
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused() {
        assert!(decode(&[0; 1000]).is_err());
    }
}
