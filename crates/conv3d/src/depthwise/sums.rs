//! Sums of products of short vectors, the channels of positions.

/// Where the channels of a pair of positions start.
pub(super) type Pair = [usize; 2];

/// Channels summed together, in registers until the last pair.
const LANES: usize = 64;

/// `sums += a * b`, channel by channel, over all `pairs` of positions of `a` and `b`.
#[inline(always)]
pub(super) fn add_products(sums: &mut [f32], a: &[f32], b: &[f32], pairs: &[Pair]) {
    let mut start = 0;
    while start + LANES <= sums.len() {
        add_lanes::<LANES>(&mut sums[start..], &a[start..], &b[start..], pairs);
        start += LANES;
    }
    const HALF: usize = LANES / 2;
    while start + HALF <= sums.len() {
        add_lanes::<HALF>(&mut sums[start..], &a[start..], &b[start..], pairs);
        start += HALF;
    }
    while start < sums.len() {
        add_lanes::<1>(&mut sums[start..], &a[start..], &b[start..], pairs);
        start += 1;
    }
}

/// The same for the first `N` channels. Not fused, which would be a call where there is no such
/// instruction.
#[inline(always)]
fn add_lanes<const N: usize>(sums: &mut [f32], a: &[f32], b: &[f32], pairs: &[Pair]) {
    let Some(sums) = sums.first_chunk_mut::<N>() else {
        return;
    };
    let mut kept = *sums;
    for [at_a, at_b] in pairs {
        let (a, b) = (&a[*at_a..][..N], &b[*at_b..][..N]);
        for ((sum, a), b) in kept.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    *sums = kept;
}
