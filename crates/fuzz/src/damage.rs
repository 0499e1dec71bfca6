//! What happens to files: bits flip, numbers lie, ends are missing, parts come twice.

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

/// Numbers at which readers go wrong.
const NUMBERS: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    1 << 40,
    i64::MAX as u64,
    u64::MAX,
];
/// Readers are most gullible where a file begins and ends: there most of the damage is done.
const EDGE: usize = 256;
const MOST: usize = 6;

/// A copy of one of the seeds with a few things wrong.
pub(crate) fn damage(seeds: &[Vec<u8>], random: &mut SmallRng) -> Vec<u8> {
    let mut bytes = seeds.choose(random).cloned().unwrap_or_default();
    for _ in 0..random.random_range(1..=MOST) {
        once(&mut bytes, seeds, random);
    }
    bytes
}

fn once(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut SmallRng) {
    let at = place(bytes.len(), random);
    match random.random_range(0..8) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.random()),
        2 => drop(bytes.drain(at..(at + span(random)).min(bytes.len()))),
        3 => {
            let part = bytes[at..(at + span(random)).min(bytes.len())].to_vec();
            let to = place(bytes.len(), random);
            bytes.splice(to..to, part);
        }
        4 => {
            let other = seeds.choose(random).map_or(&[][..], Vec::as_slice);
            bytes.splice(at.., other[at.min(other.len())..].iter().copied());
        }
        5 => number(&mut bytes[at..], random),
        6 => digit(&mut bytes[at..], random),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
    }
}

fn place(length: usize, random: &mut SmallRng) -> usize {
    let near = random.random_range(0..=length.min(EDGE));
    match random.random_range(0..4) {
        0 => random.random_range(0..=length),
        1 => length - near,
        _ => near,
    }
}

fn span(random: &mut SmallRng) -> usize {
    1 << random.random_range(0..8)
}

/// A number of one, two, four or eight bytes, either end first.
fn number(bytes: &mut [u8], random: &mut SmallRng) {
    let value = NUMBERS[random.random_range(0..NUMBERS.len())];
    let width = 1 << random.random_range(0..4);
    let Some(target) = bytes.get_mut(..width) else {
        return;
    };
    if random.random() {
        target.copy_from_slice(&value.to_le_bytes()[..width]);
    } else {
        target.copy_from_slice(&value.to_be_bytes()[8 - width..]);
    }
}

/// The next digit of a text becomes another, or a sign.
fn digit(bytes: &mut [u8], random: &mut SmallRng) {
    if let Some(digit) = bytes.iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit = b"0123456789-."[random.random_range(0..12)];
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn copies_differ_and_an_empty_file_is_no_trouble() {
        let mut random = SmallRng::seed_from_u64(1);
        let seed = b"{\"shape\": [1, 2, 3]}".to_vec();
        let copies: Vec<Vec<u8>> = (0..1000)
            .map(|_| damage(std::slice::from_ref(&seed), &mut random))
            .collect();
        let changed = copies.iter().filter(|copy| **copy != seed).count();
        assert!(changed > 900, "{changed}");
        assert!(copies.iter().any(|copy| copy.len() < seed.len()));
        assert!(copies.iter().any(|copy| copy.len() > seed.len()));
        for _ in 0..1000 {
            let _ = damage(&[Vec::new()], &mut random);
            let _ = damage(&[], &mut random);
        }
    }
}
