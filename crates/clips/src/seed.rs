//! Seeds.

/// Seeds of independent streams: one `u64` from a run's seed and where in the run it is.
///
/// SplitMix64's finaliser over each number in turn, so neighbouring steps share nothing.
pub fn stream_seed(parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(0x9e37_79b9_7f4a_7c15, |state: u64, &part| {
            let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
}
